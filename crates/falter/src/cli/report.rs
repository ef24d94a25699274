//! `falter report`: one outage as a self-contained file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use falter_draw::{Picture, Provenance, Theme};
use falter_model::{Entity, Span, Timestamp};

use super::Global;
use super::kept::Kept;
use super::output::Output;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::profiles;

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The outage's id, or a beginning of it that fits no other
    #[arg(value_name = "ID")]
    id: String,
    /// Where to: .html, .md, .json or .svg
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Light letters on dark ground
    #[arg(long)]
    dark: bool,
}

/// How much of the time before and after an outage is drawn, at least.
const AROUND: Span = Span::from_minutes(30);

impl Report {
    pub(super) fn run(
        &self,
        global: &Global,
        config: &Config,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        let store = super::outages::open(&global.store_dir(config)?)?;
        let kept = Kept::read(&store, &self.id)?.published();
        let outage = &kept.outage;
        let onset = outage.from.first_bad;
        let end = outage.until.map_or(Timestamp::MAX, |end| end.first_good);
        let lasted = outage.until.map_or(AROUND, |end| end.first_good - onset);
        let around = lasted.divided(2).max(AROUND);
        let (from, until) = (onset - around, end + around);
        let series = store.series(&outage.entity, from, until).map_err(Failure::failed)?;
        let blind = store.blind(&outage.entity, from, until).map_err(Failure::failed)?;
        let title = title(&outage.entity, global);
        let time_zone = time_zone(&outage.entity, global);
        let picture = Picture {
            outage,
            title: &title,
            provenance: Provenance { nature: kept.nature(), grounds: &kept.grounds() },
            series: &series,
            signals: falter_signals::ALL,
            blind: &blind,
            time_zone: time_zone.as_deref(),
            theme: if self.dark { Theme::Dark } else { Theme::Light },
        };
        write(&self.output, &self.render(&kept, &picture)?)?;
        output.line(&format!("{}", self.output.display()))?;
        Ok(Exit::Done)
    }

    fn render(&self, kept: &Kept, picture: &Picture<'_>) -> Result<String, Failure> {
        let ending = self.output.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("html" | "htm") => Ok(falter_draw::report_html(picture)),
            Some("md") => Ok(falter_draw::report_markdown(picture)),
            Some("svg") => Ok(falter_draw::outage_svg(picture)),
            Some("json") => {
                serde_json::to_string_pretty(kept).map(|text| text + "\n").map_err(Failure::failed)
            }
            _ => Err(Failure::usage(anyhow!(
                "the ending of {} says not what to write: use .html, .md, .json or .svg",
                self.output.display()
            ))),
        }
    }
}

/// Writes beside the target and renames, so that a full disk leaves no half report.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = if path.exists() && !path.is_file() {
        // A device or a pipe can't be replaced by a file.
        fs::write(path, text)
    } else {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
            // What is left of it is of no use; that it can't be removed changes nothing.
            drop(fs::remove_file(&beside));
        })
    };
    written.with_context(|| format!("could not write {}", path.display())).map_err(Failure::failed)
}

/// What people call an entity: a network by its profile's title, others by their own text.
pub(super) fn title(entity: &Entity, global: &Global) -> String {
    match entity {
        Entity::Network(name) => profiles::find(name, global.networks.as_deref())
            .map_or_else(|_| name.to_string(), |found| found.profile.title.to_string()),
        Entity::Country(code) => falter_networks::country_facts(*code)
            .map_or_else(|| code.to_string(), |country| country.name.to_owned()),
        Entity::Asn(asn) => asn.to_string(),
        other => other.to_string(),
    }
}

fn time_zone(entity: &Entity, global: &Global) -> Option<String> {
    match entity {
        Entity::Network(name) => profiles::find(name, global.networks.as_deref())
            .ok()
            .and_then(|found| found.profile.time_zone)
            .map(|zone| zone.to_string()),
        Entity::Country(code) => falter_networks::country_facts(*code)
            .and_then(falter_networks::CountryFacts::time_zone)
            .map(str::to_owned),
        _ => None,
    }
}
