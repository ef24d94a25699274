//! `cargo +nightly fuzz run mrt --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::mrt(octets));
