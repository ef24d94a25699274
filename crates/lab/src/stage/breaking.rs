//! What can be done to the country.

use anyhow::{Result, bail};

use super::Stage;
use crate::action::Action;

impl Stage {
    /// Does it.
    pub fn perform(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::SetClock { .. } => Ok(()),
            _ => bail!("not yet: {action}"),
        }
    }
}
