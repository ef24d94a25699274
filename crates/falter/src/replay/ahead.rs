//! Reads input on a thread of its own, a few batches ahead of whoever takes them.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use falter_model::{Interned, InternedLength, InternedNews, Observation};
use falter_sources::archive::{Inputs, Progress};

/// So many batches wait at most: enough that neither side waits for the other when one batch takes
/// long, few enough that they stay in the processor's cache.
const WAITING: usize = 2;

/// Some thousands of observations and what is needed to understand them.
struct Batch {
    observations: Vec<Observation>,
    news: InternedNews,
    progress: Progress,
}

/// Reads all input; `take` is given each batch, the peers and paths that it speaks of, and how far
/// reading has come. Gives all peers and paths.
pub(super) fn read(
    inputs: &mut Inputs,
    mut take: impl FnMut(&[Observation], &Interned, &Progress),
) -> Interned {
    let mut interned = Interned::new();
    thread::scope(|scope| {
        let (full, batches) = sync_channel(WAITING);
        let (back, empty) = channel();
        scope.spawn(move || fill(inputs, &full, &empty));
        for Batch { mut observations, news, progress } in batches {
            interned.take_news(&news);
            take(&observations, &interned, &progress);
            observations.clear();
            // Its memory is used again, unless reading has ended.
            drop(back.send(observations));
        }
    });
    interned
}

/// Reads until the input ends or nobody takes what is read.
fn fill(inputs: &mut Inputs, full: &SyncSender<Batch>, empty: &Receiver<Vec<Observation>>) {
    let mut interned = Interned::new();
    let mut known = InternedLength::default();
    let mut more = true;
    while more {
        let mut observations = empty.try_recv().unwrap_or_default();
        more = inputs.read(&mut interned, &mut observations);
        let news = interned.news_for(&known);
        known = interned.length();
        let batch = Batch { observations, news, progress: inputs.progress() };
        if full.send(batch).is_err() {
            return;
        }
    }
}
