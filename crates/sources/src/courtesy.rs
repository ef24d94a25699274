//! Whom to ask and whom not: nobody is asked unless somebody answers for it, nobody who does not want it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::time::Duration;

use falter_model::Prefix;

/// Leave to ask: there is none without a contact.
#[derive(Debug, Clone)]
pub struct Courtesy {
    contact: String,
    opt_out: Vec<Prefix>,
}

/// Nobody may be asked, since nobody said whom to write to about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an e-mail address as contact")]
pub struct NoContact;

impl Courtesy {
    /// Leave to ask everybody but `opt_out`; `contact` is an e-mail address.
    pub fn new(contact: &str, opt_out: Vec<Prefix>) -> Result<Self, NoContact> {
        // What goes into a header must stay one line of it.
        let is_plain = contact.chars().all(|char| char.is_ascii_graphic() || char == ' ');
        if !contact.contains('@') || !is_plain {
            return Err(NoContact);
        }
        Ok(Self { contact: contact.to_owned(), opt_out })
    }

    /// Whom to write to.
    pub fn contact(&self) -> &str {
        &self.contact
    }

    /// Whether this address may be asked.
    pub fn allows(&self, address: IpAddr) -> bool {
        !self.opt_out.iter().any(|prefix| prefix.contains(address))
    }
}

/// When the question number `index` of `of` is due in a round of length `every`: spread evenly, and
/// each up to half a step later, at random, so that nothing that repeats keeps time with it.
pub(crate) fn due(every: Duration, index: usize, of: usize) -> Duration {
    let of = u32::try_from(of.max(1)).unwrap_or(u32::MAX);
    let step = every / of;
    let jitter = u32::from(random() % 1024);
    step * u32::try_from(index).unwrap_or(u32::MAX) + step / 2 * jitter / 1024
}

/// A number that nobody can foresee: from the keys that the standard library draws for its maps.
pub(crate) fn random() -> u16 {
    let number = RandomState::new().hash_one(0_u8).to_le_bytes();
    u16::from_le_bytes([number[0], number[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_contact_nobody_is_asked() {
        for contact in ["", "somebody", "a@example.org\r\nX: y"] {
            assert_eq!(Courtesy::new(contact, vec![]).unwrap_err(), NoContact, "{contact}");
        }
    }

    #[test]
    fn who_does_not_want_it_is_not_asked() {
        let opt_out = vec!["192.0.2.0/24".parse().unwrap()];
        let courtesy = Courtesy::new("who@example.org", opt_out).unwrap();
        assert!(!courtesy.allows([192, 0, 2, 1].into()));
        assert!(courtesy.allows([192, 0, 3, 1].into()));
    }

    #[test]
    fn a_round_is_spread_over_its_length() {
        let every = Duration::from_mins(1);
        for index in 0..6 {
            let from = Duration::from_secs(10) * u32::try_from(index).unwrap();
            let due = due(every, index, 6);
            assert!(due >= from && due < from + Duration::from_secs(5), "{index}: {due:?}");
        }
    }

    #[test]
    fn numbers_differ() {
        let first = random();
        assert!((0..100).any(|_| random() != first));
    }
}
