//! What is to be measured: one network by its profile, or whatever the input names.

use std::fmt;

use falter_model::{CountryCode, Prefix, Profile};

/// Tells which country a prefix is in; `None` where its table does not say.
pub type CountryOf = Box<dyn Fn(Prefix) -> Option<CountryCode> + Send>;

/// What is to be measured.
#[derive(Default)]
pub struct Plan {
    /// The network to watch. `None`: every origin AS of the input is an entity, prefixes are its
    /// parts.
    pub network: Option<Profile>,
    /// Groups prefixes by country, where no network is given.
    pub prefix_country: Option<CountryOf>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("network", &self.network.as_ref().map(|profile| &profile.name))
            .field("prefix_country", &self.prefix_country.is_some())
            .finish()
    }
}
