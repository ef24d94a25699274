//! Which routes are watched.

use falter_model::{Asn, Prefix};

/// What of a BGP archive is asked for. Everything else is only counted.
///
/// A route is watched if its prefix overlaps a watched one, if a watched AS originates it, or if a
/// watched AS once did (a withdrawal names no origin). Prefixes shorter than /8 (IPv4) or /16 (IPv6)
/// overlap everything and say nothing of a network: they are never watched for covering one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interest {
    /// Watched prefixes; `None`: every route is watched.
    pub prefixes: Option<Vec<Prefix>>,
    /// Watched origin ASes. Without effect where everything is watched.
    pub asns: Vec<Asn>,
    /// Whether AS paths are wanted; origins always come.
    pub paths: bool,
}

impl Interest {
    /// All that any of several asks for.
    pub fn of_all<'a>(several: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self { prefixes: Some(Vec::new()), asns: Vec::new(), paths: false };
        for Self { prefixes, asns, paths } in several {
            all.prefixes = all.prefixes.zip(prefixes.as_ref()).map(|(mut all, more)| {
                all.extend(more);
                all
            });
            all.asns.extend(asns);
            all.paths |= paths;
        }
        all
    }
}
