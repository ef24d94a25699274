//! `cargo +nightly fuzz run address_table --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::address_table(octets));
