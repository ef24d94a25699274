//! `AS_PATH` (RFC 4271, section 4.3) and its merging with `AS4_PATH` (RFC 6793, section 4.2.3).

use std::fmt;

use falter_model::Asn;

use crate::Malformed;
use crate::cursor::{AsnWidth, Cursor};

/// What a segment of a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SegmentKind {
    /// An unordered set of ASes: the route was aggregated.
    Set,
    /// ASes in the order from the nearest to the origin.
    Sequence,
    /// A sequence of member ASes of a confederation (RFC 5065).
    ConfedSequence,
    /// A set of member ASes of a confederation (RFC 5065).
    ConfedSet,
}

impl SegmentKind {
    const fn from_octet(octet: u8) -> Option<Self> {
        match octet {
            1 => Some(Self::Set),
            2 => Some(Self::Sequence),
            3 => Some(Self::ConfedSequence),
            4 => Some(Self::ConfedSet),
            _ => None,
        }
    }

    /// Its octet in a path.
    pub const fn octet(self) -> u8 {
        match self {
            Self::Set => 1,
            Self::Sequence => 2,
            Self::ConfedSequence => 3,
            Self::ConfedSet => 4,
        }
    }

    /// What stands before, between and after its ASes in text, as bgpdump prints them.
    const fn brackets(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Set => ("{", ",", "}"),
            Self::Sequence => ("", " ", ""),
            Self::ConfedSequence => ("(", " ", ")"),
            Self::ConfedSet => ("[", ",", "]"),
        }
    }
}

/// One segment of a path: a view of its octets.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Set or sequence.
    pub kind: SegmentKind,
    octets: &'a [u8],
    width: AsnWidth,
}

impl<'a> Segment<'a> {
    /// Its AS numbers, as they stand there.
    pub fn asns(self) -> impl DoubleEndedIterator<Item = Asn> + ExactSizeIterator + 'a {
        self.octets.chunks_exact(self.width.octets()).map(number)
    }

    /// How much it counts for the length of a path: a set is one hop, a confederation none
    /// (RFC 4271, section 9.1.2.2; RFC 5065, section 5.3).
    fn hops(self) -> usize {
        match self.kind {
            SegmentKind::Set => 1,
            SegmentKind::Sequence => self.asns().len(),
            SegmentKind::ConfedSequence | SegmentKind::ConfedSet => 0,
        }
    }

    /// Its first `hops` hops.
    fn first(self, hops: usize) -> Self {
        if self.kind != SegmentKind::Sequence {
            return self;
        }
        let octets = hops.saturating_mul(self.width.octets());
        Self { octets: self.octets.get(..octets).unwrap_or(self.octets), ..self }
    }
}

/// Two or four octets as an AS number.
fn number(octets: &[u8]) -> Asn {
    Asn(octets.iter().fold(0, |sum, octet| sum << 8 | u32::from(*octet)))
}

/// A path: a view of `AS_PATH`, and of `AS4_PATH` where the message has two-octet AS numbers.
///
/// It was checked when its update was read, so that nothing here can fail.
#[derive(Debug, Clone, Copy)]
pub struct AsPath<'a> {
    octets: &'a [u8],
    width: AsnWidth,
    as4: &'a [u8],
}

impl<'a> AsPath<'a> {
    /// A path whose octets passed [`check`].
    pub(crate) const fn new(octets: &'a [u8], width: AsnWidth, as4: &'a [u8]) -> Self {
        Self { octets, width, as4 }
    }

    /// A path from the value of an `AS_PATH` attribute, and of an `AS4_PATH` (empty where there is none).
    pub fn decode(octets: &'a [u8], width: AsnWidth, as4: &'a [u8]) -> Result<Self, Malformed> {
        check(Cursor::new(octets, 0), width)?;
        check(Cursor::new(as4, 0), AsnWidth::Four)?;
        Ok(Self::new(octets, width, as4))
    }

    /// The segments, from the nearest AS to the origin. With an `AS4_PATH`: as much of `AS_PATH` as it
    /// is longer, then the `AS4_PATH`.
    pub fn segments(self) -> Segments<'a> {
        let own = Raw { octets: self.octets, width: self.width };
        if self.as4.is_empty() {
            return Segments { own, own_hops: usize::MAX, as4: own.end() };
        }
        let as4 = Raw { octets: self.as4, width: AsnWidth::Four };
        match own.hops().checked_sub(as4.hops()) {
            Some(own_hops) => Segments { own, own_hops, as4 },
            // Shorter than what it is to be merged with: AS4_PATH is stale and ignored.
            None => Segments { own, own_hops: usize::MAX, as4: own.end() },
        }
    }

    /// The AS that originates the route: the last of the path. `None` where the path is empty or
    /// ends in a set or a confederation: then it can't be told.
    pub fn origin_asn(self) -> Option<Asn> {
        // Nearly every path is one sequence.
        if self.as4.is_empty()
            && let [2, count, asns @ ..] = self.octets
            && usize::from(*count).checked_mul(self.width.octets()) == Some(asns.len())
        {
            return asns.rchunks_exact(self.width.octets()).next().map(number);
        }
        let last = self.segments().last()?;
        if last.kind == SegmentKind::Sequence { last.asns().next_back() } else { None }
    }

    /// The path into `asns`, which is emptied first: first hop first, origin last; the members of a
    /// set in ascending order.
    pub fn flatten(self, asns: &mut Vec<Asn>) {
        asns.clear();
        for segment in self.segments() {
            let start = asns.len();
            asns.extend(segment.asns());
            if matches!(segment.kind, SegmentKind::Set | SegmentKind::ConfedSet)
                && let Some(set) = asns.get_mut(start..)
            {
                set.sort_unstable();
            }
        }
    }
}

/// As `bgpdump -m` prints it: `3333 4837 {131279,131280}`.
impl fmt::Display for AsPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = "";
        for segment in self.segments() {
            let (before, between, after) = segment.kind.brackets();
            write!(f, "{space}{before}")?;
            let mut separator = "";
            for asn in segment.asns() {
                write!(f, "{separator}{}", asn.0)?;
                separator = between;
            }
            f.write_str(after)?;
            space = " ";
        }
        Ok(())
    }
}

/// The segments of a path, see [`AsPath::segments`].
#[derive(Debug, Clone)]
pub struct Segments<'a> {
    own: Raw<'a>,
    /// How many hops of `AS_PATH` are still to be told.
    own_hops: usize,
    as4: Raw<'a>,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        if self.own_hops > 0
            && let Some(segment) = self.own.next()
        {
            let segment = segment.first(self.own_hops);
            self.own_hops = self.own_hops.saturating_sub(segment.hops());
            return Some(segment);
        }
        // Confederations have no place in AS4_PATH; RFC 6793, section 6, leaves them out.
        loop {
            let segment = self.as4.next()?;
            if matches!(segment.kind, SegmentKind::Set | SegmentKind::Sequence) {
                return Some(segment);
            }
        }
    }
}

/// Segments as they stand in one attribute.
#[derive(Debug, Clone, Copy)]
struct Raw<'a> {
    octets: &'a [u8],
    width: AsnWidth,
}

impl Raw<'_> {
    /// No more segments.
    const fn end(self) -> Self {
        Self { octets: &[], ..self }
    }

    fn hops(mut self) -> usize {
        std::iter::from_fn(|| self.next())
            .fold(0, |sum, segment| sum.saturating_add(segment.hops()))
    }
}

impl<'a> Raw<'a> {
    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        let [kind, count, rest @ ..] = self.octets else { return None };
        let kind = SegmentKind::from_octet(*kind)?;
        let octets = usize::from(*count).saturating_mul(self.width.octets());
        let (octets, rest) = rest.split_at_checked(octets)?;
        self.octets = rest;
        Some(Segment { kind, octets, width: self.width })
    }
}

/// Whether a path is well formed (RFC 7606, section 7.2): known kinds of segments, none empty, none
/// beyond the end, no octet left over.
#[inline]
pub(crate) fn check(mut path: Cursor<'_>, width: AsnWidth) -> Result<(), Malformed> {
    while !path.is_empty() {
        let [kind, count] = path.array("segment of AS_PATH")?;
        if SegmentKind::from_octet(kind).is_none() {
            let field = "kind of a segment of AS_PATH";
            return Err(path.value_before(2, field, "1 to 4", kind.into()));
        }
        if count == 0 {
            let field = "count of a segment of AS_PATH";
            return Err(path.value_before(1, field, "at least 1", 0));
        }
        path.take(usize::from(count).saturating_mul(width.octets()), "ASes of AS_PATH")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path in text, as `2:1 2 3` or `1:4 5` a segment: kind, then ASes.
    fn octets(text: &str, width: AsnWidth) -> Vec<u8> {
        let mut octets = Vec::new();
        for segment in text.split(',').filter(|segment| !segment.is_empty()) {
            let (kind, asns) = segment.split_once(':').unwrap();
            let asns: Vec<u32> = asns.split(' ').map(|asn| asn.parse().unwrap()).collect();
            octets.extend([kind.parse().unwrap(), u8::try_from(asns.len()).unwrap()]);
            octets.extend(asns.iter().flat_map(|asn| {
                let four = asn.to_be_bytes();
                if width == AsnWidth::Two { four[2..].to_vec() } else { four.to_vec() }
            }));
        }
        octets
    }

    fn check(own: &str, as4: &str, text: &str, origin: Option<u32>) {
        let (own, as4) = (octets(own, AsnWidth::Two), octets(as4, AsnWidth::Four));
        let path = AsPath::decode(&own, AsnWidth::Two, &as4).unwrap();
        assert_eq!(path.to_string(), text);
        assert_eq!(path.origin_asn(), origin.map(Asn), "{text}");
    }

    #[test]
    fn the_origin_is_the_last_of_a_sequence() {
        check("2:1 2 3", "", "1 2 3", Some(3));
        check("2:1 2,2:3", "", "1 2 3", Some(3));
        check("2:1,1:2 3", "", "1 {2,3}", None);
        check("3:7,2:1", "", "(7) 1", Some(1));
        check("4:7 8", "", "[7,8]", None);
        check("", "", "", None);
    }

    #[test]
    fn as4_path_replaces_the_end_of_as_path() {
        check("2:1 23456 23456", "2:70000 131279", "1 70000 131279", Some(131_279));
        check("2:23456", "2:131279", "131279", Some(131_279));
        check("2:1 2,1:23456 5", "1:70000 5", "1 2 {70000,5}", None);
        check("2:9 1,2:23456", "2:131279", "9 1 131279", Some(131_279));
        // Confederations count no hops and are kept in front; in AS4_PATH they have no place.
        check("3:7,2:1 23456", "2:131279", "(7) 1 131279", Some(131_279));
        check("2:1 23456", "3:7,2:131279", "1 131279", Some(131_279));
    }

    #[test]
    fn an_as4_path_that_is_longer_is_stale() {
        check("2:1 2", "2:70000 70001 70002", "1 2", Some(2));
    }

    #[test]
    fn members_of_a_set_are_sorted_in_the_flat_path() {
        let own = octets("2:1 9,1:8 3 5", AsnWidth::Two);
        let mut flat = vec![Asn(77)];
        AsPath::decode(&own, AsnWidth::Two, &[]).unwrap().flatten(&mut flat);
        assert_eq!(flat, [1, 9, 3, 5, 8].map(Asn));
    }

    #[test]
    fn what_is_malformed_says_where() {
        for (octets, offset) in [
            (&[2, 1, 0][..], 2),
            (&[2], 0),
            (&[5, 1, 0, 1], 0),
            (&[2, 1, 0, 1, 2, 0], 5),
            (&[2, 1, 0, 1, 0, 1, 0, 1], 4),
        ] {
            let error = AsPath::decode(octets, AsnWidth::Two, &[]).unwrap_err();
            assert_eq!(error.offset(), offset, "{error}");
        }
    }
}
