//! `cargo +nightly fuzz run as_path --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::as_path(octets));
