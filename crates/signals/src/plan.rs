//! What is to be measured: one network by its profile, or whatever the input names.

use falter_model::{Profile, VantagePoints};

use crate::CountryTable;

/// What is to be measured.
#[derive(Debug, Default)]
pub struct Plan {
    /// The network to watch. `None`: every origin AS of the input is an entity, prefixes are its
    /// parts.
    pub network: Option<Profile>,
    /// Groups prefixes by country, where no network is given.
    pub countries: Option<CountryTable>,
    /// Who observes from where, as far as that is known.
    pub vantage_points: VantagePoints,
}
