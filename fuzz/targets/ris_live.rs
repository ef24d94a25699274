//! `cargo +nightly fuzz run ris_live --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::ris_live(octets));
