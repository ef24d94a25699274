//! `[darknet]`: attacks seen in what their victims answer to addresses that nobody uses.

use falter_model::Prefix;
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Darknet {
    /// The interface at which their packets arrive; none by default: nothing is listened to.
    pub(crate) interface: Option<String>,
    /// The prefixes that nobody uses; all that arrives counts where none is given, but for what arrives
    /// at this machine's own addresses.
    pub(crate) prefixes: Vec<Prefix>,
}

/// Linux: `IFNAMSIZ` with the octet that ends the name.
const LONGEST_NAME: usize = 15;

impl Darknet {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        let Some(interface) = &self.interface else { return Ok(()) };
        let is_good = |name: &str| {
            let allowed = |c: char| c.is_ascii_graphic() && c != '/' && c != ':';
            (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(allowed)
        };
        bounds::text("darknet.interface", interface, is_good, "the name of an interface")
    }
}
