//! Profiles of networks: the bundled ones, reading, checking and writing them, and the tables of
//! addresses and countries that it takes to write one.
//!
//! Everything here is text and octets in, values and text out. Files are read by the binary.
//!
//! - [`bundled`]: the profiles of `networks/`, built into the program.
//! - [`parse`]: TOML into a [`falter_model::Profile`], or an error that says where and what to do.
//! - [`check`], [`check_text`]: what is doubtful about a profile that can be read.
//! - [`init`]: a new profile from what routes and an [`AddressTable`] say.
//! - [`country_facts`]: name and time zones of a country.
//! - [`calendar_moment`]: what a time in a profile's calendar means.

mod address_table;
mod bundled;
mod calendar;
mod check;
mod countries;
mod init;
mod parse;

pub use address_table::{AddressTable, AddressTableError, BadLine};
pub use bundled::{bundled, find};
pub use calendar::calendar_moment;
pub use check::{Finding, Severity, check, check_text};
pub use countries::{CountryFacts, country_facts, country_name, only_time_zone};
pub use init::{InitError, Sources, Subject, Tally, init};
pub use parse::{ProfileError, parse};
