//! Vantage points: who observes, and from which side of the network's border.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Asn, Text};

/// Which side of the watched network's border somebody observes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Somewhere else on the Internet. Who says nothing of its place is there.
    #[default]
    Outside,
    /// In the network: what it asks needs no way in, so it goes on where the network is cut off.
    Inside,
}

/// Somebody who observes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VantagePoint {
    /// As `vantage` of its observations names it.
    pub id: Text,
    /// The AS that it sits in; `None` where not known: then its id stands for its AS.
    #[serde(default)]
    pub asn: Option<Asn>,
    /// Which side it is on.
    #[serde(default, deserialize_with = "place_or_default")]
    pub place: Place,
}

/// What a vantage point counts as where ASes are counted: two of one AS are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum VantageAs {
    /// The AS that it sits in.
    Known(Asn),
    /// Nobody said: its own id.
    Unknown(Text),
}

/// The vantage points that somebody told of, by id. Of any other it holds that it is outside, in an
/// AS of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VantagePoints {
    by_id: BTreeMap<Text, VantagePoint>,
}

impl VantagePoints {
    /// Which side of the border it is on.
    pub fn place(&self, id: &str) -> Place {
        self.by_id.get(id).map_or(Place::Outside, |known| known.place)
    }

    /// What it counts as where ASes are counted.
    pub fn vantage_as(&self, id: &Text) -> VantageAs {
        let asn = self.by_id.get(id).and_then(|known| known.asn);
        asn.map_or_else(|| VantageAs::Unknown(id.clone()), VantageAs::Known)
    }
}

impl FromIterator<VantagePoint> for VantagePoints {
    fn from_iter<I: IntoIterator<Item = VantagePoint>>(told: I) -> Self {
        let mut points = Self::default();
        points.extend(told);
        points
    }
}

impl Extend<VantagePoint> for VantagePoints {
    /// Where one id is told of twice and differently, the order decides nothing: it is inside if
    /// anybody says so, for what is asked from inside must never count as reachable from outside; and
    /// of several ASes it is in the lowest.
    fn extend<I: IntoIterator<Item = VantagePoint>>(&mut self, told: I) {
        for point in told {
            let known = self.by_id.entry(point.id.clone()).or_insert_with(|| point.clone());
            known.place = known.place.max(point.place);
            known.asn = known.asn.into_iter().chain(point.asn).min();
        }
    }
}

/// `null` says as little as nothing.
fn place_or_default<'de, D: Deserializer<'de>>(from: D) -> Result<Place, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(id: &str, asn: Option<u32>, place: Place) -> VantagePoint {
        VantagePoint { id: id.into(), asn: asn.map(Asn), place }
    }

    #[test]
    fn who_is_not_told_of_is_outside_in_an_as_of_its_own() {
        let points: VantagePoints = [point("a", Some(1), Place::Inside)].into_iter().collect();
        assert_eq!(points.place("a"), Place::Inside);
        assert_eq!(points.place("b"), Place::Outside);
        assert_eq!(points.vantage_as(&"a".into()), VantageAs::Known(Asn(1)));
        assert_eq!(points.vantage_as(&"b".into()), VantageAs::Unknown("b".into()));
    }

    #[test]
    fn contradictions_are_settled_whatever_their_order() {
        let told = [
            point("a", None, Place::Outside),
            point("a", Some(7), Place::Inside),
            point("a", Some(5), Place::Outside),
        ];
        let forth: VantagePoints = told.clone().into_iter().collect();
        let back: VantagePoints = told.into_iter().rev().collect();
        assert_eq!(forth, back);
        assert_eq!(forth.place("a"), Place::Inside);
        assert_eq!(forth.vantage_as(&"a".into()), VantageAs::Known(Asn(5)));
    }
}
