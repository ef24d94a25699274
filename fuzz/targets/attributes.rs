//! `cargo +nightly fuzz run attributes --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::attributes(octets));
