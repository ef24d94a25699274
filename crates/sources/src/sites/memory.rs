//! What a site looked like: so that another page in its place is noticed.

use super::content::OTHER_BITS;

/// After so many visits in a row that saw the same new page, it is the site's own.
const VISITS_TO_ADOPT: u32 = 3;

/// A site's page as it is known.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: Option<Looks>,
    other: Option<(Looks, u32)>,
}

/// What a page looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Looks {
    pub(super) digest: u64,
    pub(super) title: Option<String>,
}

impl Looks {
    /// Another title alone is no other page, nor are other words under the same title.
    fn is_like(&self, other: &Self) -> bool {
        let differ = (self.digest ^ other.digest).count_ones();
        differ < OTHER_BITS || (self.title.is_some() && self.title == other.title)
    }
}

impl Memory {
    /// Takes what a visit saw; true where it is another page than the known one.
    pub(super) fn is_other(&mut self, seen: Looks) -> bool {
        let Some(known) = &mut self.known else {
            self.known = Some(seen);
            return false;
        };
        if known.is_like(&seen) {
            // Pages change slowly: the latest is the one to compare with.
            *known = seen;
            self.other = None;
            return false;
        }
        let visits = match &self.other {
            Some((other, visits)) if other.is_like(&seen) => visits.saturating_add(1),
            _ => 1,
        };
        if visits >= VISITS_TO_ADOPT {
            *known = seen;
            self.other = None;
        } else {
            self.other = Some((seen, visits));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(digest: u64, title: &str) -> Looks {
        Looks { digest, title: Some(title.to_owned()) }
    }

    #[test]
    fn another_page_is_told_until_it_has_come_to_stay() {
        let mut memory = Memory::default();
        let (own, other) = (looks(0, "News"), looks(u64::MAX, "Account suspended"));
        let seen = [
            (&own, false),
            (&other, true),
            (&own, false),
            (&other, true),
            (&other, true),
            (&other, true),
            (&other, false),
            (&own, true),
        ];
        for (step, (page, expected)) in seen.into_iter().enumerate() {
            assert_eq!(memory.is_other(page.clone()), expected, "{step}");
        }
    }

    #[test]
    fn a_page_may_change_under_its_title_and_its_title_over_the_page() {
        let mut memory = Memory::default();
        assert!(!memory.is_other(looks(0, "News")));
        assert!(!memory.is_other(looks(u64::MAX, "News")));
        assert!(!memory.is_other(looks(u64::MAX - 1, "News of today")));
    }
}
