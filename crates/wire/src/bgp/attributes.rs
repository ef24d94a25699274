//! Path attributes (RFC 4271, section 4.3): found and checked in one pass over their octets,
//! decoded when asked for.
//!
//! ```text
//!  0                   1
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  Attr. Flags  |Attr. Type Code|   then a length of one octet, or two with the extended flag,
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   then the value
//! ```
//!
//! What is wrong with an attribute costs what RFC 7606, section 7, says: the attribute alone, or
//! the announced routes, which then are told as withdrawn.

use std::net::{IpAddr, Ipv4Addr};

use falter_model::{Asn, Family};

use super::multiprotocol::{Reach, unreach};
use super::nlri::Nlri;
use super::{Aggregator, AsPath, Community, LargeCommunity, Origin, as_path};
use crate::cursor::{AsnWidth, Cursor};
use crate::{Cost, Fault, Malformed};

/// The attributes of a route: views of octets that were checked.
#[derive(Debug, Clone)]
pub struct Attributes<'a> {
    width: AsnWidth,
    origin: Option<Origin>,
    as_path: Option<&'a [u8]>,
    as4_path: &'a [u8],
    next_hop: Option<Ipv4Addr>,
    med: Option<u32>,
    local_pref: Option<u32>,
    atomic_aggregate: bool,
    aggregator: &'a [u8],
    aggregator_width: AsnWidth,
    as4_aggregator: &'a [u8],
    communities: &'a [u8],
    large_communities: &'a [u8],
    reach: Option<Reach<'a>>,
    unreach: Option<Nlri<'a>>,
    /// Types seen so far, a bit each.
    seen: u64,
}

/// What two speakers agreed on when their session began, and what their messages don't tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session {
    /// How many octets AS numbers have.
    pub width: AsnWidth,
    /// Which prefixes have path identifiers (RFC 7911).
    pub add_path: AddPath,
}

/// Of which families prefixes have path identifiers: agreed on for each apart (RFC 7911).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AddPath {
    /// IPv4 unicast.
    pub v4: bool,
    /// IPv6 unicast.
    pub v6: bool,
}

impl AddPath {
    /// No prefix has an identifier.
    pub const NONE: Self = Self::of_all(false);

    /// The same of every family.
    pub const fn of_all(yes: bool) -> Self {
        Self { v4: yes, v6: yes }
    }

    /// What it would be if one family were otherwise.
    pub const fn others(self) -> [Self; 2] {
        [Self { v4: !self.v4, v6: self.v6 }, Self { v4: self.v4, v6: !self.v6 }]
    }

    pub(crate) const fn of(self, family: Family) -> bool {
        match family {
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        }
    }
}

/// How attributes are to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    pub(crate) session: Session,
    pub(crate) source: Source,
}

/// Of a message as it went over a session.
impl From<Session> for Context {
    fn from(session: Session) -> Self {
        Self { session, source: Source::Update }
    }
}

/// Where attributes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// In an update, as a peer sent it.
    Update,
    /// In a table dump, as the collector wrote it: flags are its own, and `MP_REACH_NLRI` is
    /// abbreviated.
    Table,
}

/// Octets of the attribute flags: the bits that a type fixes, and the one that tells of a length of
/// two octets.
const OPTIONAL: u8 = 0x80;
const TRANSITIVE: u8 = 0x40;
const EXTENDED_LENGTH: u8 = 0x10;

const ORIGIN: u8 = 1;
const AS_PATH: u8 = 2;
const NEXT_HOP: u8 = 3;
const MED: u8 = 4;
const LOCAL_PREF: u8 = 5;
const ATOMIC_AGGREGATE: u8 = 6;
const AGGREGATOR: u8 = 7;
const COMMUNITIES: u8 = 8;
const MP_REACH: u8 = 14;
const MP_UNREACH: u8 = 15;
const EXTENDED_COMMUNITIES: u8 = 16;
const AS4_PATH: u8 = 17;
const AS4_AGGREGATOR: u8 = 18;
const LARGE_COMMUNITIES: u8 = 32;

/// `AS_TRANS`: what stands for a four-octet AS number where there are only two (RFC 6793).
const AS_TRANS: Asn = Asn(23456);

impl<'a> Attributes<'a> {
    /// No attributes yet.
    #[inline]
    pub(crate) const fn none(width: AsnWidth) -> Self {
        Self {
            width,
            origin: None,
            as_path: None,
            as4_path: &[],
            next_hop: None,
            med: None,
            local_pref: None,
            atomic_aggregate: false,
            aggregator: &[],
            aggregator_width: width,
            as4_aggregator: &[],
            communities: &[],
            large_communities: &[],
            reach: None,
            unreach: None,
            seen: 0,
        }
    }

    /// Reads all attributes, in place: this runs once an update and once an entry of a table. True
    /// where their routes may be announced, false where something was so wrong that they are to be
    /// treated as withdrawn. Each fault is told.
    #[inline]
    pub(crate) fn read(
        &mut self,
        mut octets: Cursor<'a>,
        context: Context,
        tell: &mut impl FnMut(Fault),
    ) -> bool {
        let mut usable = true;
        while !octets.is_empty() {
            let found = match Raw::read(&mut octets) {
                Ok(raw) => self.add(raw, context),
                Err(what) => {
                    // Where the next one begins is unknown (RFC 7606, section 4).
                    octets = Cursor::new(&[], octets.offset());
                    Err(what.costs(Cost::Routes))
                }
            };
            if let Err(fault) = found {
                usable &= fault.cost == Cost::Attribute;
                tell(fault);
            }
        }
        usable
    }

    fn add(&mut self, raw: Raw<'a>, context: Context) -> Result<(), Fault> {
        let bit = 1_u64.checked_shl(raw.kind.into()).unwrap_or(0);
        if self.seen & bit != 0 {
            // All but the first are discarded (RFC 7606, section 3.g).
            let offset = raw.value.offset();
            let (field, expected) = ("type of attribute", "each type once");
            let what = Malformed::Value { offset, field, expected, found: raw.kind.into() };
            return Err(what.costs(Cost::Attribute));
        }
        self.seen |= bit;
        if context.source == Source::Update {
            raw.check_flags()?;
        }
        let value = raw.value;
        match raw.kind {
            ORIGIN => self.origin = Some(raw.origin()?),
            AS_PATH => {
                as_path::check(value, context.session.width)
                    .map_err(|what| what.costs(Cost::Routes))?;
                self.as_path = Some(value.rest());
            }
            NEXT_HOP => {
                let octets = raw.fixed::<4>("length of NEXT_HOP", "4", Cost::Routes)?;
                self.next_hop = Some(octets.into());
            }
            MED => {
                let octets = raw.fixed("length of MULTI_EXIT_DISC", "4", Cost::Routes)?;
                self.med = Some(u32::from_be_bytes(octets));
            }
            LOCAL_PREF => {
                // Peers of collectors are external: from those it is discarded, well formed or not
                // (RFC 7606, section 7.5). It is kept where it can be read, as bgpdump does.
                let octets = raw.fixed("length of LOCAL_PREF", "4", Cost::Attribute)?;
                self.local_pref = Some(u32::from_be_bytes(octets));
            }
            ATOMIC_AGGREGATE => {
                raw.fixed::<0>("length of ATOMIC_AGGREGATE", "0", Cost::Attribute)?;
                self.atomic_aggregate = true;
            }
            AGGREGATOR => {
                self.aggregator_width = raw.aggregator_width(context);
                self.aggregator = raw.aggregator(self.aggregator_width)?;
            }
            AS4_AGGREGATOR if context.session.width == AsnWidth::Two => {
                self.as4_aggregator = raw.aggregator(AsnWidth::Four)?;
            }
            COMMUNITIES => {
                self.communities = raw.multiple_of(4, "length of COMMUNITIES", "4, 8, 12, ...")?;
            }
            EXTENDED_COMMUNITIES => {
                raw.multiple_of(8, "length of EXTENDED COMMUNITIES", "8, 16, 24, ...")?;
            }
            LARGE_COMMUNITIES => {
                self.large_communities =
                    raw.multiple_of(12, "length of LARGE_COMMUNITY", "12, 24, 36, ...")?;
            }
            // Between speakers with four octets it has no business and is ignored; malformed, it costs
            // itself alone (RFC 6793, sections 4.1 and 6).
            AS4_PATH if context.session.width == AsnWidth::Two => {
                as_path::check(value, AsnWidth::Four)
                    .map_err(|what| what.costs(Cost::Attribute))?;
                self.as4_path = value.rest();
            }
            MP_REACH => {
                let reach = match context.source {
                    Source::Update => Reach::full(value, context.session.add_path),
                    Source::Table => Reach::in_table(value),
                };
                self.reach = Some(reach.map_err(|what| what.costs(Cost::Routes))?);
            }
            MP_UNREACH => {
                self.unreach = unreach(value, context.session.add_path)
                    .map_err(|what| what.costs(Cost::Routes))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads the attributes of an update, told apart from it. True where their routes may be
    /// announced, false where they are to be treated as withdrawn (RFC 7606). Each fault is told, with
    /// its offset from the first octet.
    pub fn decode(octets: &'a [u8], session: Session, mut tell: impl FnMut(Fault)) -> (Self, bool) {
        let context = Context { session, source: Source::Update };
        let mut attributes = Self::none(session.width);
        let usable = attributes.read(Cursor::new(octets, 0), context, &mut tell);
        (attributes, usable)
    }

    /// How the route came into BGP; `None` where the attribute is missing.
    pub const fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// The path; empty where the attribute is missing.
    pub fn as_path(&self) -> AsPath<'a> {
        let as4_path = if self.speaks_for_four() { self.as4_path } else { &[] };
        AsPath::new(self.as_path.unwrap_or(&[]), self.width, as4_path)
    }

    /// The AS that originates the route: the last of the path; `None` where the path is empty or
    /// ends in a set.
    pub fn origin_asn(&self) -> Option<Asn> {
        self.as_path().origin_asn()
    }

    /// The path into `asns`, which is emptied first: first hop first, origin last; the members of a
    /// set in ascending order.
    pub fn path(&self, asns: &mut Vec<Asn>) {
        self.as_path().flatten(asns);
    }

    /// The global next hop for routes of a family; `None` where there is none.
    pub fn next_hop(&self, family: Family) -> Option<IpAddr> {
        let from_reach = self.reach.and_then(|reach| reach.next_hop);
        match family {
            Family::V4 => self.next_hop.map(IpAddr::V4).or(from_reach),
            Family::V6 => from_reach.or(self.next_hop.map(IpAddr::V4)),
        }
    }

    /// Multi-exit discriminator.
    pub const fn med(&self) -> Option<u32> {
        self.med
    }

    /// Local preference.
    pub const fn local_pref(&self) -> Option<u32> {
        self.local_pref
    }

    /// Whether more specific routes may have lost parts of their paths.
    pub const fn is_atomic_aggregate(&self) -> bool {
        self.atomic_aggregate
    }

    /// Who aggregated the route, from AGGREGATOR or `AS4_AGGREGATOR`.
    pub fn aggregator(&self) -> Option<Aggregator> {
        let own = Aggregator::read(self.aggregator, self.aggregator_width)?;
        let wide = Aggregator::read(self.as4_aggregator, AsnWidth::Four);
        if own.asn == AS_TRANS { wide.or(Some(own)) } else { Some(own) }
    }

    /// The communities, in the order in which they stand.
    pub fn communities(&self) -> impl Iterator<Item = Community> + Clone + 'a {
        Community::all(self.communities)
    }

    /// The large communities, in the order in which they stand.
    pub fn large_communities(&self) -> impl Iterator<Item = LargeCommunity> + Clone + 'a {
        LargeCommunity::all(self.large_communities)
    }

    /// Carries the BLACKHOLE community (RFC 7999).
    pub fn is_blackholed(&self) -> bool {
        self.communities().any(|community| community == Community::BLACKHOLE)
    }

    /// The prefixes announced by `MP_REACH_NLRI`.
    pub(crate) fn reachable(&self) -> Option<Nlri<'a>> {
        self.reach.and_then(|reach| reach.routes)
    }

    /// The prefixes withdrawn by `MP_UNREACH_NLRI`.
    pub(crate) const fn unreachable(&self) -> Option<Nlri<'a>> {
        self.unreach
    }

    /// The same where there is no other attribute.
    pub(crate) fn only_unreachable(&self) -> Option<Nlri<'a>> {
        self.unreach.filter(|_| self.seen == 1_u64 << MP_UNREACH)
    }

    /// The first mandatory attribute that is missing for announcing routes of this family
    /// (RFC 4271, section 5; RFC 4760, section 3).
    pub(crate) const fn missing(&self, family: Family) -> Option<&'static str> {
        match (self.origin, self.as_path, self.next_hop, family) {
            (None, ..) => Some("ORIGIN"),
            (_, None, ..) => Some("AS_PATH"),
            (_, _, None, Family::V4) if self.reach.is_none() => Some("NEXT_HOP"),
            _ => None,
        }
    }

    /// An AGGREGATOR that is not `AS_TRANS` was put by somebody who knows two octets only, after
    /// `AS4_PATH` was: that is stale (RFC 6793, section 4.2.3).
    fn speaks_for_four(&self) -> bool {
        if self.as4_path.is_empty() || self.as4_aggregator.is_empty() {
            return true;
        }
        Aggregator::read(self.aggregator, self.aggregator_width)
            .is_none_or(|own| own.asn == AS_TRANS)
    }
}

/// One attribute, not yet understood.
#[derive(Debug, Clone, Copy)]
struct Raw<'a> {
    flags: u8,
    kind: u8,
    value: Cursor<'a>,
}

impl<'a> Raw<'a> {
    #[inline]
    fn read(octets: &mut Cursor<'a>) -> Result<Self, Malformed> {
        let [flags, kind] = octets.array("flags and type of an attribute")?;
        let length = if flags & EXTENDED_LENGTH == 0 {
            octets.u8("length of an attribute")?.into()
        } else {
            octets.u16("length of an attribute")?.into()
        };
        let value = octets.split(length, "value of an attribute")?;
        Ok(Self { flags, kind, value })
    }

    /// Whether it is optional and transitive is fixed for each type (RFC 7606, section 3.c).
    fn check_flags(&self) -> Result<(), Fault> {
        let (fixed, expected, cost) = match self.kind {
            ORIGIN | AS_PATH | NEXT_HOP | LOCAL_PREF => {
                (TRANSITIVE, "well-known, transitive", Cost::Routes)
            }
            ATOMIC_AGGREGATE => (TRANSITIVE, "well-known, transitive", Cost::Attribute),
            MED | MP_REACH | MP_UNREACH => (OPTIONAL, "optional, non-transitive", Cost::Routes),
            COMMUNITIES | LARGE_COMMUNITIES => {
                (OPTIONAL | TRANSITIVE, "optional, transitive", Cost::Routes)
            }
            AGGREGATOR | AS4_PATH | AS4_AGGREGATOR => {
                (OPTIONAL | TRANSITIVE, "optional, transitive", Cost::Attribute)
            }
            _ => return Ok(()),
        };
        if self.flags & (OPTIONAL | TRANSITIVE) == fixed {
            return Ok(());
        }
        let offset = self.value.offset();
        let (field, found) = ("flags of an attribute, before its value", self.flags.into());
        Err(Malformed::Value { offset, field, expected, found }.costs(cost))
    }

    fn origin(&self) -> Result<Origin, Fault> {
        let [octet] = self.fixed("length of ORIGIN", "1", Cost::Routes)?;
        Origin::from_octet(octet).ok_or_else(|| {
            let offset = self.value.offset();
            let (field, expected) = ("ORIGIN", "0 to 2");
            Malformed::Value { offset, field, expected, found: octet.into() }.costs(Cost::Routes)
        })
    }

    /// A value of exactly `N` octets.
    #[inline]
    fn fixed<const N: usize>(
        &self,
        field: &'static str,
        expected: &'static str,
        cost: Cost,
    ) -> Result<[u8; N], Fault> {
        <[u8; N]>::try_from(self.value.rest()).map_err(|_| self.bad_length(field, expected, cost))
    }

    /// A value of one or more items of `width` octets.
    #[inline]
    fn multiple_of(
        &self,
        width: usize,
        field: &'static str,
        expected: &'static str,
    ) -> Result<&'a [u8], Fault> {
        let octets = self.value.rest();
        if octets.is_empty() || !octets.len().is_multiple_of(width) {
            return Err(self.bad_length(field, expected, Cost::Routes));
        }
        Ok(octets)
    }

    /// How many octets AGGREGATOR gives its AS. OpenBGPD writes four into tables whose AS numbers
    /// have two.
    fn aggregator_width(&self, context: Context) -> AsnWidth {
        if context.source == Source::Table && self.value.remaining() == 8 {
            AsnWidth::Four
        } else {
            context.session.width
        }
    }

    fn aggregator(&self, width: AsnWidth) -> Result<&'a [u8], Fault> {
        let octets = self.value.rest();
        if Aggregator::read(octets, width).is_some() {
            return Ok(octets);
        }
        let expected = if width == AsnWidth::Two { "6" } else { "8" };
        Err(self.bad_length("length of AGGREGATOR", expected, Cost::Attribute))
    }

    #[cold]
    fn bad_length(&self, field: &'static str, expected: &'static str, cost: Cost) -> Fault {
        let offset = self.value.offset();
        let found = u64::try_from(self.value.remaining()).unwrap_or(u64::MAX);
        Malformed::Value { offset, field, expected, found }.costs(cost)
    }
}

#[cfg(test)]
mod tests;
