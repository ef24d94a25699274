//! `falter network check`: what is wrong with a profile.

use clap::Args;
use falter_networks::{Finding, Severity};
use serde::Serialize;

use crate::cli::Global;
use crate::cli::output::Output;
use crate::exit::{Exit, Failure};
use crate::profiles;

/// See the module.
#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    /// A profile's name or path
    #[arg(value_name = "NETWORK")]
    network: String,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    network: &'a str,
    findings: Vec<Listed<'a>>,
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    severity: &'static str,
    what: &'a str,
    fix: &'a str,
}

impl Check {
    pub(super) fn run(&self, global: &Global, output: &mut Output) -> Result<Exit, Failure> {
        let found = profiles::find(&self.network, global.networks.as_deref())?;
        let findings =
            falter_networks::check_text(&found.text, &found.origin).map_err(Failure::usage)?;
        if global.json {
            output.json(&Document {
                network: &found.profile.name,
                findings: findings.iter().map(listed).collect(),
            })?;
        } else if findings.is_empty() {
            output.line(&format!("{}: nothing is wrong", found.profile.name))?;
        } else {
            for finding in &findings {
                let word = severity(finding.severity);
                output.line(&format!("{word}: {}\n    {}", finding.what, finding.fix))?;
            }
        }
        // A profile that makes judgements wrong is wrong configuration.
        let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if wrong { Exit::Usage } else { Exit::Done })
    }
}

fn listed(finding: &Finding) -> Listed<'_> {
    Listed { severity: severity(finding.severity), what: &finding.what, fix: &finding.fix }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
