//! Which country a prefix is in, as whoever holds the table of addresses tells it.

use std::fmt;

use falter_model::{CountryCode, Prefix};

/// Tells the country of a prefix; `None` where its source does not say.
pub struct CountryTable(Box<dyn Fn(Prefix) -> Option<CountryCode> + Send>);

impl CountryTable {
    /// A table that asks `country_of` for each prefix, which must always answer alike.
    pub fn new(country_of: impl Fn(Prefix) -> Option<CountryCode> + Send + 'static) -> Self {
        Self(Box::new(country_of))
    }

    /// The country of a prefix; `None` where the source does not say.
    pub fn country(&self, prefix: Prefix) -> Option<CountryCode> {
        (self.0)(prefix)
    }
}

impl fmt::Debug for CountryTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CountryTable")
    }
}
