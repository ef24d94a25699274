//! Writes a profile from what routes and a table of addresses say.
//!
//! The routes of a RIB are counted by [`Tally`]; the ASes of a country are those whose announced
//! addresses are mostly registered there. What comes out is TOML with a comment that gives the source
//! of each fact, for a person to check and complete: a table of countries finds candidates, but the
//! AS and the prefix decide what belongs to a network.

mod aggregate;
mod tally;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use falter_model::{Asn, CountryCode, Family, Prefix};

use crate::{AddressTable, CountryFacts, country_facts};
use aggregate::aggregate;
pub use tally::Tally;

/// What a profile is wanted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A country: all its ASes together.
    Country(CountryCode),
    /// One AS.
    As(Asn),
}

/// Where the facts are from, for the comments: file names and dates, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The RIB: `rib.20260101.0000.bz2, 2026-01-01T00:00:00Z`.
    pub routes: String,
    /// The table of addresses; `None` where there was none.
    pub addresses: Option<String>,
}

/// Why there is nothing to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InitError {
    /// Countries need a table.
    #[error("the ASes of {country} can't be told without a table of addresses and countries")]
    NoTable {
        /// Which country.
        country: CountryCode,
    },
    /// No AS of the country announces anything.
    #[error("none of the {origins} ASes in these routes is mostly in {country}")]
    NoAsInCountry {
        /// Which country.
        country: CountryCode,
        /// How many ASes the routes have.
        origins: usize,
    },
    /// The AS announces nothing.
    #[error("{asn} originates none of the {routes} routes")]
    NotInRoutes {
        /// Which AS.
        asn: Asn,
        /// How many pairs of AS and prefix there are.
        routes: usize,
    },
}

/// A share of addresses above which an AS counts to a country.
const MOSTLY: f64 = 0.5;

/// A share of paths below which an AS before the origin is a leak or in passing, no transit: with a
/// few hundred peers, 1 % are a handful of them.
const TRANSIT_SHARE: f64 = 0.01;

/// Everything that the profile will say.
#[derive(Debug)]
struct Facts {
    name: String,
    title: String,
    alias: String,
    country: Option<CountryCode>,
    time_zones: Vec<&'static str>,
    ases: Vec<AsFacts>,
    prefixes: Vec<Prefix>,
    transits: Vec<TransitShare>,
}

#[derive(Debug)]
struct AsFacts {
    asn: Asn,
    prefixes: Vec<Prefix>,
    extent: Extent,
}

/// What of one family an AS announces, and how much of it is in the country: counted in addresses of
/// IPv4 or blocks of IPv6.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Extent {
    family: Family,
    announced: f64,
    in_country: Option<f64>,
}

#[derive(Debug)]
struct TransitShare {
    asn: Asn,
    share: f64,
}

/// The TOML of a profile of a country or an AS, with comments. It can be read by [`crate::parse`].
pub fn init(
    subject: Subject,
    tally: &Tally,
    table: Option<&AddressTable>,
    sources: &Sources,
) -> Result<String, InitError> {
    let facts = match subject {
        Subject::Country(country) => {
            of_country(country, tally, table.ok_or(InitError::NoTable { country })?)?
        }
        Subject::As(asn) => of_as(asn, tally, table)?,
    };
    Ok(text::write(&facts, sources))
}

fn of_country(
    country: CountryCode,
    tally: &Tally,
    table: &AddressTable,
) -> Result<Facts, InitError> {
    let mut ases = Vec::new();
    let mut origins = 0;
    for (asn, prefixes) in tally.origins() {
        origins += 1;
        let extent = extent(&prefixes, Some((table, country)));
        if extent.in_country.is_some_and(|inside| inside > MOSTLY * extent.announced) {
            ases.push(AsFacts { asn, prefixes, extent });
        }
    }
    if ases.is_empty() {
        return Err(InitError::NoAsInCountry { country, origins });
    }
    let known = country_facts(country);
    Ok(Facts {
        name: country.as_str().to_ascii_lowercase(),
        title: known.map_or(country.as_str(), |known| known.name).to_owned(),
        alias: format!("country/{country}"),
        country: Some(country),
        time_zones: time_zones(known),
        prefixes: prefixes_of(&ases),
        transits: transits_of(&ases, tally),
        ases,
    })
}

fn of_as(asn: Asn, tally: &Tally, table: Option<&AddressTable>) -> Result<Facts, InitError> {
    let prefixes = tally.prefixes(asn);
    if prefixes.is_empty() {
        return Err(InitError::NotInRoutes { asn, routes: tally.len() });
    }
    let country = table.and_then(|table| main_country(&prefixes, table));
    let extent = extent(&prefixes, table.zip(country));
    let ases = vec![AsFacts { asn, prefixes, extent }];
    Ok(Facts {
        name: asn.to_string().to_ascii_lowercase(),
        title: asn.to_string(),
        alias: format!("asn/{asn}"),
        country,
        time_zones: time_zones(country.and_then(country_facts)),
        prefixes: prefixes_of(&ases),
        transits: transits_of(&ases, tally),
        ases,
    })
}

fn time_zones(known: Option<&'static CountryFacts>) -> Vec<&'static str> {
    known.map(|known| known.time_zones.clone()).unwrap_or_default()
}

/// The country with most of the addresses.
fn main_country(prefixes: &[Prefix], table: &AddressTable) -> Option<CountryCode> {
    let mut candidates: Vec<CountryCode> =
        prefixes.iter().filter_map(|prefix| table.country(*prefix)).collect();
    candidates.sort_unstable();
    candidates.dedup();
    let inside = |country: &CountryCode| extent(prefixes, Some((table, *country))).in_country;
    // The last of equals would win: from the back, it is the first of the alphabet.
    candidates
        .into_iter()
        .rev()
        .max_by(|a, b| inside(a).unwrap_or(0.0).total_cmp(&inside(b).unwrap_or(0.0)))
}

/// Counted in IPv4 where there is any: in IPv6, a single allocation outweighs everything.
fn extent(prefixes: &[Prefix], country: Option<(&AddressTable, CountryCode)>) -> Extent {
    let family = if prefixes.iter().any(|prefix| prefix.family() == Family::V4) {
        Family::V4
    } else {
        Family::V6
    };
    // Joined first, so that a prefix and a part of it don't count twice.
    let counted: Vec<Prefix> =
        aggregate(prefixes).into_iter().filter(|prefix| prefix.family() == family).collect();
    let unit_bits = match family {
        Family::V4 => family.bits(),
        Family::V6 => family.block_length(),
    };
    let size = |prefix: &Prefix| libm::exp2(f64::from(unit_bits) - f64::from(prefix.length()));
    let unit = libm::exp2(f64::from(family.bits() - unit_bits));
    let inside = |(table, code): (&AddressTable, CountryCode)| {
        counted.iter().map(|prefix| table.addresses_in(*prefix, code) as f64 / unit).sum()
    };
    Extent { family, announced: counted.iter().map(size).sum(), in_country: country.map(inside) }
}

fn prefixes_of(ases: &[AsFacts]) -> Vec<Prefix> {
    let all: Vec<Prefix> = ases.iter().flat_map(|one| one.prefixes.iter().copied()).collect();
    aggregate(&all)
}

/// The ASes directly before these ones in paths, that are none of them; the most used first.
fn transits_of(ases: &[AsFacts], tally: &Tally) -> Vec<TransitShare> {
    let own: BTreeSet<Asn> = ases.iter().map(|one| one.asn).collect();
    let mut paths = BTreeMap::<Asn, u64>::new();
    for asn in &own {
        for (upstream, count) in tally.upstreams(*asn) {
            if !own.contains(&upstream) {
                *paths.entry(upstream).or_default() += count;
            }
        }
    }
    let all = paths.values().sum::<u64>() as f64;
    let share = |(asn, count): (Asn, u64)| TransitShare { asn, share: count as f64 / all };
    let mut shares: Vec<TransitShare> = paths.into_iter().map(share).collect();
    shares.retain(|transit| transit.share >= TRANSIT_SHARE);
    shares.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.asn.cmp(&b.asn)));
    shares
}
