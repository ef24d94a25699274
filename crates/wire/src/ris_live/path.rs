//! AS paths in JSON: numbers, and a list in place of a number for a set.

use falter_model::Asn;
use serde::Deserialize;

/// One hop of a path.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Hop {
    As(u32),
    Set(Vec<u32>),
}

/// All AS numbers, the members of sets in ascending order, and the origin: the last, unless that is a
/// member of a set.
pub(super) fn flatten(hops: Vec<Hop>) -> (Vec<Asn>, Option<Asn>) {
    let origin = match hops.last() {
        Some(Hop::As(asn)) => Some(Asn(*asn)),
        Some(Hop::Set(_)) | None => None,
    };
    let mut path = Vec::with_capacity(hops.len());
    for hop in hops {
        match hop {
            Hop::As(asn) => path.push(Asn(asn)),
            Hop::Set(mut members) => {
                members.sort_unstable();
                path.extend(members.into_iter().map(Asn));
            }
        }
    }
    (path, origin)
}
