//! `cargo +nightly fuzz run archive --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::archive(octets));
