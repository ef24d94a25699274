//! `falter-lab faults`.

use anyhow::Result;

use super::{Global, output};

/// See [`super::Verb::Faults`].
pub(super) fn run(_global: &Global) -> Result<()> {
    output::print("")
}
