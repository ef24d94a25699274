//! `cargo +nightly fuzz run packet --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::packet(octets));
