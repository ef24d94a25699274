//! What all sources that ask have in common here: in whose name, where names resolve from, and how they
//! fare.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use falter_model::{Clock, Span};
use falter_sources::asking::Asking;
use falter_sources::clock::SystemClock;
use falter_sources::courtesy::{Courtesy, NoContact};
use falter_sources::names::{Resolver, Roots};

use super::Start;
use crate::config::{Config, Names};
use crate::watch::status::SourceState;

/// A source is asked this often how it fares.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Leave to ask in the name of `contact`.
pub(super) fn courtesy(contact: &str, config: &Config) -> Result<Courtesy, NoContact> {
    Courtesy::new(contact, config.probing.opt_out.clone())
}

/// Resolves from the roots that are configured.
pub(super) fn resolver(courtesy: Courtesy, names: &Names) -> Arc<Resolver> {
    let roots = match names.roots.as_slice() {
        [] => Roots::internet(),
        roots => Roots::of_world(roots.to_vec(), names.port),
    };
    Arc::new(Resolver::new(roots, courtesy))
}

/// Runs to the end of `asking`, and tells meanwhile how it fares.
pub(super) async fn run(
    asking: impl Future<Output = ()> + Send,
    state: impl Fn() -> SourceState + Send,
    with: Start,
) -> anyhow::Result<()> {
    tokio::pin!(asking);
    loop {
        tokio::select! {
            () = &mut asking => return Ok(()),
            () = tokio::time::sleep(ASKED_EVERY) => with.status.set(state(), SystemClock.now()),
        }
    }
}

/// Up once something was told, down while nothing can be asked.
pub(super) fn state(asking: &Asking) -> SourceState {
    match asking.trouble() {
        Some(why) => SourceState::Down { why: why.to_owned() },
        None if asking.told > 0 => SourceState::Up,
        None => SourceState::Starting,
    }
}

/// A configured length of time, which is never negative.
pub(super) fn duration(span: Span) -> Duration {
    Duration::from_micros(span.micros().unsigned_abs())
}
