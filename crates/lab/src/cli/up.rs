//! `falter-lab up`.

use anyhow::{Result, bail};
use clap::Args;
use falter_lab::country::Size;
use falter_lab::keeper;

use super::size::SizeArguments;
use super::{Global, output};

/// See [`super::Verb::Up`].
#[derive(Debug, Args)]
pub(super) struct Up {
    #[command(flatten)]
    size: SizeArguments,
}

impl Up {
    pub(super) fn run(&self, global: &Global) -> Result<()> {
        keeper::can_stand()?;
        if keeper::find(&global.name).is_ok() {
            bail!("country {:?} stands already (falter-lab down, or another --name)", global.name);
        }
        let size = self.size.size(Size::default().hold_time_s);
        keeper::spawn(&global.name, &size, keeper::Tie::Free, &mut output::tell)?;
        output::tell("look: falter-lab status; break it: falter-lab faults; end: falter-lab down");
        Ok(())
    }
}
