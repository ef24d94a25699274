//! `cargo +nightly fuzz run series --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::series(octets));
