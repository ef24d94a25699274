//! Digests that results name what they rest on by.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// SHA-256 of a text, in hexadecimal.
pub(crate) fn hex(text: &str) -> String {
    in_hex(&Sha256::digest(text.as_bytes()).into())
}

/// A digest in hexadecimal.
pub(crate) fn in_hex(digest: &[u8; 32]) -> String {
    let mut hex = String::with_capacity(64);
    for octet in digest {
        // Writing to a string can't fail.
        _ = write!(hex, "{octet:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_standard_one() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex("abc"), abc);
    }
}
