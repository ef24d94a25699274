//! `cargo +nightly fuzz run bgp_message --features libfuzzer`
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| falter_fuzz::bgp_message(octets));
