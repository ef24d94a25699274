//! Asking the same things again and again: each once in a round, spread over its time, and none again
//! while it is still being asked, so that what hangs costs nothing but itself.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use falter_model::Text;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::random::random;

/// How asking goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asking {
    /// What came of asking was told so often.
    pub told: u64,
    /// Nothing was asked so often, though it was due: this machine could not, or the last time went on.
    pub unasked: u64,
    /// So often in a row, until now.
    pub in_a_row: u64,
    /// So many things are due in a round.
    pub in_a_round: u64,
    /// Why nothing was asked the last time that it was not.
    pub last_trouble: Option<Text>,
}

impl Asking {
    /// Why nothing at all can be asked: for a whole round nothing was. One of many that can't be asked,
    /// such as an IPv6 address from a machine without IPv6, is no trouble of this kind.
    pub fn trouble(&self) -> Option<&str> {
        let whole_round = self.in_a_row > 0 && self.in_a_row >= self.in_a_round;
        self.last_trouble.as_deref().filter(|_| whole_round)
    }

    pub(crate) const fn note_told(&mut self) {
        self.told += 1;
        self.in_a_row = 0;
    }

    pub(crate) fn note_unasked(&mut self, why: &str) {
        self.unasked += 1;
        self.in_a_row += 1;
        self.last_trouble = Some(why.into());
    }
}

/// How asking goes, read by whoever wants to know while it runs.
#[derive(Debug, Clone, Default)]
pub struct AskingStatus(Arc<Mutex<Asking>>);

impl AskingStatus {
    pub(crate) fn of_round(count: usize) -> Self {
        let in_a_round = u64::try_from(count).unwrap_or(u64::MAX);
        Self(Arc::new(Mutex::new(Asking { in_a_round, ..Asking::default() })))
    }

    /// How it goes now.
    pub fn now(&self) -> Asking {
        self.lock().clone()
    }

    pub(crate) fn told(&self) {
        self.lock().note_told();
    }

    pub(crate) fn unasked(&self, why: &str) {
        self.lock().note_unasked(why);
    }

    /// What it was for a moment is better than nothing.
    fn lock(&self) -> MutexGuard<'_, Asking> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rounds of asking so many things, of which each is known by its number.
pub(crate) struct Rounds<Answer> {
    every: Duration,
    turns: Vec<Arc<Semaphore>>,
    going: JoinSet<Answer>,
    begun: Instant,
    index: usize,
    at: Instant,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<Answer> {
    /// It is time to ask this one.
    Due(usize),
    /// An answer came.
    Came(Answer),
    /// There is nothing more to ask.
    Over,
}

impl<Answer: Send + 'static> Rounds<Answer> {
    /// Each of `count` things is due once in `every`, for the first time now.
    pub(crate) fn new(every: Duration, count: usize) -> Self {
        let turns = (0..count).map(|_| Arc::new(Semaphore::new(1))).collect();
        let begun = Instant::now();
        let at = begun + due(every, 0, count);
        Self { every, turns, going: JoinSet::new(), begun, index: 0, at }
    }

    /// Waits for what comes next; with nothing to ask, or after `stop`, it is over.
    pub(crate) async fn next(&mut self, stop: &CancellationToken) -> Next<Answer> {
        if self.turns.is_empty() {
            return Next::Over;
        }
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Next::Over,
                Some(done) = self.going.join_next(), if !self.going.is_empty() => match done {
                    Ok(answer) => return Next::Came(answer),
                    Err(error) => tracing::error!(%error, "Asking broke off."),
                },
                () = sleep_until(self.at) => return Next::Due(self.advance()),
            }
        }
    }

    /// Begins to ask one. False while it is still being asked.
    pub(crate) fn ask(
        &mut self,
        index: usize,
        asked: impl Future<Output = Answer> + Send + 'static,
    ) -> bool {
        let turn = self.turns.get(index).and_then(|turn| Arc::clone(turn).try_acquire_owned().ok());
        let Some(turn) = turn else { return false };
        self.going.spawn(async move {
            let answer = asked.await;
            drop(turn);
            answer
        });
        true
    }

    /// The one that is due; the next one is due later.
    fn advance(&mut self) -> usize {
        let due_now = self.index;
        self.index += 1;
        if self.index == self.turns.len() {
            self.index = 0;
            self.begun += self.every;
        }
        self.at = self.begun + due(self.every, self.index, self.turns.len());
        due_now
    }
}

/// When the question number `index` of `of` is due in a round of length `every`: spread evenly, and
/// each up to half a step later, at random, so that nothing that repeats keeps time with it.
pub(crate) fn due(every: Duration, index: usize, of: usize) -> Duration {
    let of = u32::try_from(of.max(1)).unwrap_or(u32::MAX);
    let step = every / of;
    let jitter = u32::from(random() % 1024);
    step * u32::try_from(index).unwrap_or(u32::MAX) + step / 2 * jitter / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_spread_over_its_length() {
        let every = Duration::from_mins(1);
        for index in 0..6 {
            let from = Duration::from_secs(10) * u32::try_from(index).unwrap();
            let due = due(every, index, 6);
            assert!(due >= from && due < from + Duration::from_secs(5), "{index}: {due:?}");
        }
    }

    /// Asks three things for three rounds; the second never answers.
    #[tokio::test(start_paused = true)]
    async fn what_hangs_is_not_asked_again_and_holds_nobody_up() {
        let mut rounds = Rounds::new(Duration::from_mins(1), 3);
        let stop = CancellationToken::new();
        let (mut told, mut refused) = (Vec::new(), 0);
        while told.len() < 6 {
            match rounds.next(&stop).await {
                Next::Due(index) => {
                    let began = rounds.ask(index, async move {
                        if index == 1 {
                            std::future::pending::<()>().await;
                        }
                        index
                    });
                    refused += u32::from(!began);
                }
                Next::Came(index) => told.push(index),
                Next::Over => break,
            }
        }
        assert_eq!((told, refused), (vec![0, 2, 0, 2, 0, 2], 2));
        stop.cancel();
        assert_eq!(rounds.next(&stop).await, Next::Over);
    }

    #[test]
    fn one_of_many_that_can_t_be_asked_is_no_trouble() {
        let status = AskingStatus::of_round(3);
        let trouble = || status.now().trouble().map(str::to_owned);
        for _ in 0..4 {
            status.unasked("no route");
            status.unasked("no route");
            assert_eq!(trouble(), None);
            status.told();
        }
        for _ in 0..3 {
            status.unasked("no route");
        }
        assert_eq!(trouble().as_deref(), Some("no route"));
        status.told();
        assert_eq!(trouble(), None);
    }

    #[tokio::test]
    async fn nothing_to_ask_is_over_at_once() {
        let mut rounds = Rounds::<()>::new(Duration::from_mins(1), 0);
        assert_eq!(rounds.next(&CancellationToken::new()).await, Next::Over);
    }
}
