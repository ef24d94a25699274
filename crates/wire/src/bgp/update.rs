//! The UPDATE message (RFC 4271, section 4.3): what is withdrawn, the attributes, what is announced.
//!
//! ```text
//! +-----------------------------------------------------+
//! |   Withdrawn Routes Length (2 octets)                |
//! +-----------------------------------------------------+
//! |   Withdrawn Routes (variable)                       |
//! +-----------------------------------------------------+
//! |   Total Path Attribute Length (2 octets)            |
//! +-----------------------------------------------------+
//! |   Path Attributes (variable)                        |
//! +-----------------------------------------------------+
//! |   Network Layer Reachability Information (variable) |
//! +-----------------------------------------------------+
//! ```

use falter_model::{Family, Prefix};

use super::nlri::Nlri;
use super::{Attributes, Context};
use crate::cursor::Cursor;
use crate::{Cost, Fault, Malformed};

/// An update whose parts are known, but not yet read.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    withdrawn: Cursor<'a>,
    attributes: Cursor<'a>,
    announced: Cursor<'a>,
    context: Context,
    /// A length that does not fit, found while the parts were looked for.
    broken: Option<Malformed>,
}

/// A route of an update.
#[derive(Debug, Clone, Copy)]
pub struct UpdateRoute<'r> {
    /// What it is about.
    pub prefix: Prefix,
    /// Which of several paths to it (RFC 7911); `None` where there is one.
    pub path_id: Option<u32>,
    /// How it is reached; `None` where it is withdrawn.
    pub attributes: Option<&'r Attributes<'r>>,
}

impl<'a> Update<'a> {
    /// Finds the parts. Where their lengths do not fit the message, those before are kept.
    #[inline]
    pub(crate) fn find(mut body: Cursor<'a>, context: Context) -> Result<Self, Malformed> {
        let nothing = Cursor::new(&[], body.offset());
        let length = body.u16("length of withdrawn routes")?;
        let withdrawn = body.split(length.into(), "withdrawn routes")?;
        let mut update =
            Self { withdrawn, attributes: nothing, announced: nothing, context, broken: None };
        match Self::attributes_of(&mut body) {
            Ok(attributes) => {
                update.attributes = attributes;
                update.announced = body;
            }
            Err(what) => update.broken = Some(what),
        }
        Ok(update)
    }

    /// The family whose routes have all been told (End-of-RIB, RFC 4724, section 2): an update that
    /// holds nothing at all for IPv4, nothing but an empty `MP_UNREACH_NLRI` for others.
    pub fn end_of_rib(&self) -> Option<Family> {
        if !self.withdrawn.is_empty() || !self.announced.is_empty() || self.broken.is_some() {
            return None;
        }
        if self.attributes.is_empty() {
            return Some(Family::V4);
        }
        let mut attributes = Attributes::none(self.context.session.width);
        let mut is_well_formed = true;
        attributes.read(self.attributes, self.context, &mut |_| is_well_formed = false);
        let list = attributes.only_unreachable().filter(|list| is_well_formed && list.is_empty());
        list.map(|list| list.family())
    }

    #[inline]
    fn attributes_of(body: &mut Cursor<'a>) -> Result<Cursor<'a>, Malformed> {
        let length = body.u16("length of attributes")?;
        body.split(length.into(), "attributes")
    }

    /// Tells every route, withdrawn ones first, and every fault where it occurs.
    ///
    /// An update should not hold a prefix both as withdrawn and as announced; where one does, the
    /// announcement counts (RFC 4271, section 4.3), so it comes last.
    #[inline]
    pub fn visit(&self, mut tell: impl FnMut(Result<UpdateRoute<'_>, Fault>)) {
        let add_path = self.context.session.add_path.v4;
        let v4 = |octets| Nlri::new(octets, Family::V4, add_path);
        routes(v4(self.withdrawn), None, &mut tell);
        if self.attributes.is_empty() && self.announced.is_empty() {
            if let Some(what) = self.broken {
                tell(Err(what.costs(Cost::Rest)));
            }
            return;
        }
        let mut attributes = Attributes::none(self.context.session.width);
        let usable = attributes.read(self.attributes, self.context, &mut |fault| tell(Err(fault)));
        if let Some(withdrawn) = attributes.unreachable() {
            routes(withdrawn, None, &mut tell);
        }
        for announced in [Some(v4(self.announced)), attributes.reachable()].into_iter().flatten() {
            if announced.is_empty() {
                continue;
            }
            let missing = attributes.missing(announced.family());
            if let Some(expected) = missing
                && usable
            {
                let offset = self.attributes.offset();
                let field = "mandatory attribute";
                let found = 0;
                let what = Malformed::Value { offset, field, expected, found };
                tell(Err(what.costs(Cost::Routes)));
            }
            let shown = (usable && missing.is_none()).then_some(&attributes);
            routes(announced, shown, &mut tell);
        }
    }
}

/// Tells the routes of one list, and where it can't be read any further.
#[inline]
fn routes<'r>(
    mut list: Nlri<'_>,
    attributes: Option<&'r Attributes<'r>>,
    tell: &mut impl FnMut(Result<UpdateRoute<'r>, Fault>),
) {
    while let Some(route) = list.next() {
        tell(match route {
            Ok((prefix, path_id)) => Ok(UpdateRoute { prefix, path_id, attributes }),
            Err(what) => Err(what.costs(Cost::Rest)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::{AddPath, AsnWidth, Session, Source};

    /// `ORIGIN`, `AS_PATH` 64500, `NEXT_HOP` 192.0.2.1.
    const GOOD: &[u8] =
        &[0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xFB, 0xF4, 0x40, 3, 4, 192, 0, 2, 1];

    fn update(withdrawn: &[u8], attributes: &[u8], announced: &[u8]) -> Vec<u8> {
        let length = |octets: &[u8]| u16::try_from(octets.len()).unwrap().to_be_bytes();
        let parts = [&length(withdrawn)[..], withdrawn, &length(attributes), attributes, announced];
        parts.concat()
    }

    /// What is told: `+` announced, `-` withdrawn, `!` a fault and its cost.
    fn told(octets: &[u8]) -> String {
        let session = Session { width: AsnWidth::Four, add_path: AddPath::NONE };
        let context = Context { session, source: Source::Update };
        let mut told = Vec::new();
        Update::find(Cursor::new(octets, 0), context).unwrap().visit(|route| {
            told.push(match route {
                Ok(UpdateRoute { prefix, path_id, attributes }) => {
                    let sign = if attributes.is_some() { '+' } else { '-' };
                    format!(
                        "{sign}{prefix}{}",
                        path_id.map(|id| format!("#{id}")).unwrap_or_default()
                    )
                }
                Err(fault) => format!("!{:?}", fault.cost),
            });
        });
        told.join(" ")
    }

    #[test]
    fn the_end_of_a_table_is_known() {
        let end = |octets: &[u8]| {
            let session = Session { width: AsnWidth::Four, add_path: AddPath::NONE };
            let context = Context { session, source: Source::Update };
            Update::find(Cursor::new(octets, 0), context).unwrap().end_of_rib()
        };
        assert_eq!(end(&update(&[], &[], &[])), Some(Family::V4));
        assert_eq!(end(&update(&[], &[0x80, 15, 3, 0, 2, 1], &[])), Some(Family::V6));
        assert_eq!(end(&update(&[], &[0x80, 15, 4, 0, 2, 1, 0], &[])), None);
        assert_eq!(end(&update(&[8, 10], &[], &[])), None);
        assert_eq!(end(&update(&[], GOOD, &[])), None);
        assert_eq!(end(&update(&[], GOOD, &[8, 10])), None);
    }

    #[test]
    fn what_is_withdrawn_comes_first() {
        let octets = update(&[8, 10, 8, 11], GOOD, &[8, 10]);
        assert_eq!(told(&octets), "-10.0.0.0/8 -11.0.0.0/8 +10.0.0.0/8");
    }

    #[test]
    fn malformed_attributes_turn_announcements_into_withdrawals() {
        let bad = [GOOD, &[0x80, 4, 1, 0]].concat();
        assert_eq!(told(&update(&[8, 11], &bad, &[8, 10])), "-11.0.0.0/8 !Routes -10.0.0.0/8");
    }

    #[test]
    fn a_missing_mandatory_attribute_does_too() {
        assert_eq!(told(&update(&[], &GOOD[4..], &[8, 10])), "!Routes -10.0.0.0/8");
        assert_eq!(told(&update(&[], &GOOD[..13], &[8, 10])), "!Routes -10.0.0.0/8");
        // Withdrawals alone need no attributes.
        assert_eq!(told(&update(&[8, 10], &[], &[])), "-10.0.0.0/8");
    }

    #[test]
    fn prefixes_before_an_error_are_kept() {
        assert_eq!(told(&update(&[], GOOD, &[8, 10, 33, 1])), "+10.0.0.0/8 !Rest");
        assert_eq!(told(&update(&[8, 10, 24, 1], GOOD, &[8, 11])), "-10.0.0.0/8 !Rest +11.0.0.0/8");
        // The attributes are said to be longer than the message.
        assert_eq!(told(&[0, 2, 8, 10, 1, 0, 0x40]), "-10.0.0.0/8 !Rest");
    }

    #[test]
    fn identifiers_that_nobody_announced_are_found() {
        let hidden = [0, 0, 0, 2, 24, 172, 17, 0, 0, 0, 0, 1, 24, 172, 17, 0];
        assert_eq!(told(&update(&[], GOOD, &hidden)), "+172.17.0.0/24#2 +172.17.0.0/24#1");
        assert_eq!(told(&update(&[0, 0, 0, 7, 0], &[], &[])), "-0.0.0.0/0#7");
        // A default route alone, or before others, is just that.
        assert_eq!(told(&update(&[], GOOD, &[0])), "+0.0.0.0/0");
        assert_eq!(told(&update(&[], GOOD, &[0, 24, 172, 17, 0])), "+0.0.0.0/0 +172.17.0.0/24");
    }

    #[test]
    fn bits_beyond_the_length_are_dropped() {
        assert_eq!(told(&update(&[], GOOD, &[13, 11, 15])), "+11.8.0.0/13");
    }
}
