//! `falter-lab faults`.

use anyhow::Result;
use falter_lab::manual;

use super::output;

/// See [`super::Verb::Faults`].
pub(super) fn run() -> Result<()> {
    output::print(&manual::faults_text())
}
