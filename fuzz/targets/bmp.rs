//! `cargo +nightly fuzz run bmp --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::bmp(octets));
