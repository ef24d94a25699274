//! `falter show`: one outage whole.

use clap::Args;
use falter_draw::Provenance;

use super::Global;
use super::kept::Kept;
use super::output::Output;
use crate::config::Config;
use crate::exit::{Exit, Failure};

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The outage's id, or a beginning of it that fits no other
    #[arg(value_name = "ID")]
    id: String,
}

impl Show {
    pub(super) fn run(
        &self,
        global: &Global,
        config: &Config,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        let store = super::outages::open(&global.store_dir(config)?)?;
        let kept = Kept::read(&store, &self.id)?;
        if global.json {
            output.json(&kept)?;
        } else {
            let title = super::report::title(&kept.outage.entity, global);
            let provenance = Provenance { nature: kept.nature(), grounds: &kept.grounds() };
            let (width, style) = (Output::width(), Output::style());
            let text = falter_draw::outage_text(&kept.outage, &title, &provenance, width, style);
            output.line(&text)?;
        }
        Ok(Exit::Done)
    }
}
