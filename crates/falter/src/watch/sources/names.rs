//! Questions to the name servers of a network's zones.

use std::sync::{Arc, PoisonError};

use falter_sources::clock::SystemClock;
use falter_sources::courtesy::NoContact;
use falter_sources::names::{NameWatch, NamesPlan};

use super::asking::{self, courtesy, duration, resolver};
use super::{Source, Start, Wanted};

/// Asks the servers in the name of `contact`; `None` for a network without zones.
pub(super) fn source(contact: &str, wanted: &Wanted<'_>) -> Option<Source> {
    let (profile, config) = (wanted.profile, wanted.config);
    if profile.zones.is_empty() {
        return None;
    }
    let plan = courtesy(contact, config).map(|courtesy| NamesPlan {
        vantage: wanted.vantage.id.clone(),
        zones: profile.zones.clone(),
        resolver: resolver(courtesy, &config.names),
        every: duration(config.names.every),
        clock: Arc::new(SystemClock),
    });
    Some(Source::new("names", move |with: Start| run(plan.clone(), with)))
}

async fn run(plan: Result<NamesPlan, NoContact>, with: Start) -> anyhow::Result<()> {
    let watch = NameWatch::new(plan?);
    let status = watch.status();
    let state = move || {
        let status = status.lock().unwrap_or_else(PoisonError::into_inner);
        asking::state(&status.asking)
    };
    asking::run(watch.run(with.tell.clone(), with.stop.clone()), state, with).await
}
