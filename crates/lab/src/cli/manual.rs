//! `falter-lab manual`.

use anyhow::Result;
use falter_lab::manual;

use super::output;

/// See [`super::Verb::Manual`].
pub(super) fn run() -> Result<()> {
    output::print(&manual::markdown())
}
