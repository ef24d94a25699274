//! `falter-lab down`.

use anyhow::Result;
use falter_lab::keeper;

use super::Global;

/// See [`super::Verb::Down`].
pub(super) fn run(global: &Global) -> Result<()> {
    keeper::find(&global.name)?.end()
}
