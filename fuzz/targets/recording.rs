//! `cargo +nightly fuzz run recording --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::recording(octets));
