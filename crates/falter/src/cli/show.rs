//! `falter show`: one outage whole.

use clap::Args;

use super::Global;
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
        let outage = store.outage(&self.id).map_err(Failure::failed)?;
        if global.json {
            output.json(&outage)?;
        } else {
            let title = super::report::title(&outage.entity, global);
            let text = falter_draw::outage_text(&outage, &title, Output::width(), Output::style());
            output.line(&text)?;
        }
        Ok(Exit::Done)
    }
}
