//! Calls at a network's services.

use std::sync::Arc;

use falter_sources::clock::SystemClock;
use falter_sources::courtesy::NoContact;
use falter_sources::services::{Greets, Patience, ServiceWatch, ServicesPlan};

use super::asking::{self, courtesy, duration};
use super::{Source, Start, Wanted};

/// Calls at the services in the name of `contact`; `None` for a network without services.
pub(super) fn source(contact: &str, wanted: &Wanted<'_>) -> Option<Source> {
    let (profile, config) = (wanted.profile, wanted.config);
    if profile.services.is_empty() {
        return None;
    }
    let plan = courtesy(contact, config).map(|courtesy| ServicesPlan {
        vantage: wanted.vantage.id.clone(),
        services: profile.services.clone(),
        every: duration(config.sites.every),
        courtesy,
        patience: Patience::default(),
        greets: Greets::of,
        clock: Arc::new(SystemClock),
    });
    Some(Source::new("services", move |with: Start| run(plan.clone(), with)))
}

async fn run(plan: Result<ServicesPlan, NoContact>, with: Start) -> anyhow::Result<()> {
    let watch = ServiceWatch::new(plan?);
    let status = watch.status();
    let state = move || asking::state(&status.now());
    asking::run(watch.run(with.tell.clone(), with.stop.clone()), state, with).await
}
