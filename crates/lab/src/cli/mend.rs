//! `falter-lab mend`.

use anyhow::Result;
use falter_lab::keeper::{self, Request};

use super::{Global, output};

/// See [`super::Verb::Mend`].
pub(super) fn run(global: &Global) -> Result<()> {
    keeper::find(&global.name)?.ask(&Request::Mend, &mut output::tell).map(drop)
}
