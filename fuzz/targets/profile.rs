//! `cargo +nightly fuzz run profile --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::profile(octets));
