//! `cargo +nightly fuzz run capture --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::capture(octets));
