//! Visits to a network's web sites.

use std::sync::Arc;

use falter_sources::clock::SystemClock;
use falter_sources::courtesy::NoContact;
use falter_sources::names::MachineResolver;
use falter_sources::sites::{SiteWatch, SitesPlan, Trust, Visitor};

use super::asking::{self, courtesy, duration, resolver};
use super::{Source, Start, Wanted};

/// Who resolves names for this machine (resolv.conf(5)).
const RESOLVERS: &str = "/etc/resolv.conf";

/// Visits the sites in the name of `contact`; `None` for a network without sites.
pub(super) fn source(contact: &str, wanted: &Wanted<'_>) -> Option<Source> {
    let (profile, config) = (wanted.profile, wanted.config);
    if profile.sites.is_empty() {
        return None;
    }
    let plan = courtesy(contact, config).map(|courtesy| SitesPlan {
        sites: profile.sites.clone(),
        every: duration(config.sites.every),
        visitor: Arc::new(Visitor::new(
            wanted.vantage.id.clone(),
            resolver(courtesy, &config.names),
            // Of another world than the Internet this machine's resolver knows nothing.
            if config.names.roots.is_empty() { machine() } else { None },
            Trust::platform(),
            Arc::new(SystemClock),
        )),
    });
    Some(Source::new("sites", move |with: Start| run(plan.clone(), with)))
}

/// To compare with: none where it can't be read.
fn machine() -> Option<MachineResolver> {
    let text = std::fs::read_to_string(RESOLVERS).ok()?;
    MachineResolver::from_resolv_conf(&text)
}

async fn run(plan: Result<SitesPlan, NoContact>, with: Start) -> anyhow::Result<()> {
    let watch = SiteWatch::new(plan?);
    let status = watch.status();
    let state = move || asking::state(&status.now());
    asking::run(watch.run(with.tell.clone(), with.stop.clone()), state, with).await
}
