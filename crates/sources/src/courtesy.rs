//! Whom to ask and whom not: nobody is asked unless somebody answers for it, nobody who does not want it.

use std::net::IpAddr;

use falter_model::Prefix;

/// Leave to ask: there is none without a contact.
#[derive(Debug, Clone)]
pub struct Courtesy {
    contact: String,
    opt_out: Vec<Prefix>,
}

/// Nobody may be asked, since nobody said whom to write to about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a mail address or a URL as contact")]
pub struct NoContact;

impl Courtesy {
    /// Leave to ask everybody but `opt_out`; `contact` is a mail address or a URL.
    pub fn new(contact: &str, opt_out: Vec<Prefix>) -> Result<Self, NoContact> {
        // What goes into a header must stay one line of it.
        let is_plain = contact.chars().all(|char| char.is_ascii_graphic());
        let can_be_reached = contact.contains('@') || contact.contains("://");
        if !is_plain || !can_be_reached {
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
}
