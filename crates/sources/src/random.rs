//! Numbers that nobody can foresee.

use std::hash::{BuildHasher, RandomState};

/// One of them: from the keys that the standard library draws from the system for its maps, hashed so
/// that who sees some of them learns nothing of the next (`SipHash`).
pub(crate) fn random() -> u16 {
    let number = RandomState::new().hash_one(0_u8).to_le_bytes();
    u16::from_le_bytes([number[0], number[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ() {
        let first = random();
        assert!((0..100).any(|_| random() != first));
    }
}
