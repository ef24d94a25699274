//! The threads of probing: one that asks in rounds, one that sweeps, one that traces.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use falter_model::Clock;
use tokio_util::sync::CancellationToken;

use super::answering::Answering;
use super::attention::Attention;
use super::plan::{ProbingError, ProbingPlan, SweepPlan, TracePlan};
use super::prober::Prober;
use super::status::{ProbingStatus, Shared};
use super::sweep::{SweepOptions, sweep};
use super::trace::Tracer;
use crate::clock::monotonic;
use crate::live::Teller;

/// Packets a second that traces take of the total: they ask one hop at a time.
const TRACE_PPS: f64 = 1.0;
/// A silent address is asked again this often in a slow sweep; lost packets hide no host.
const SWEEP_RETRIES: u32 = 1;
/// How long a slow sweep waits for answers after each pass.
const SWEEP_WAIT: Duration = Duration::from_secs(3);
/// So often waiting threads look whether to stop.
const STOP_WITHIN: Duration = Duration::from_millis(200);

/// Active probing, ready to run.
#[derive(Debug)]
pub struct Probing {
    plan: ProbingPlan,
    attention: Attention,
    status: Shared,
    pps: f64,
}

impl Probing {
    /// Checks the plan: nobody is probed by somebody who does not say who it is.
    pub fn new(plan: ProbingPlan) -> Result<Self, ProbingError> {
        if plan.contact.trim().is_empty() {
            return Err(ProbingError::NoContact);
        }
        let sweep = plan.sweep.as_ref().map_or(0.0, |sweep| sweep.pps);
        let trace = if plan.trace.is_some() { TRACE_PPS } else { 0.0 };
        let pps = plan.pace.total_pps - sweep - trace;
        if !(pps.is_finite() && pps > 0.0 && sweep >= 0.0) {
            return Err(ProbingError::Pace { pps });
        }
        Ok(Self { plan, attention: Attention::default(), status: Shared::default(), pps })
    }

    /// With the handle by which the watcher says how quick rounds should be.
    #[must_use]
    pub fn attending(self, attention: Attention) -> Self {
        Self { attention, ..self }
    }

    /// What probing knows of itself, while it runs.
    pub fn status(&self) -> Arc<Mutex<ProbingStatus>> {
        Arc::clone(&self.status.0)
    }

    /// Probes until it is stopped or nobody listens any more. Blocks: call it from a thread.
    pub fn run(
        self,
        clock: &(dyn Clock + Sync),
        tell: &Teller,
        stop: &CancellationToken,
    ) -> Result<(), ProbingError> {
        let Self { plan, attention, status, pps } = self;
        // When one ends, whyever, all end.
        let stop = &stop.child_token();
        let mut prober = Prober::new(&plan, pps, attention, status, clock, tell)?;
        thread::scope(|scope| {
            if let Some(of) = &plan.sweep {
                let plan = &plan;
                scope.spawn(move || sweep_slowly(plan, of, stop));
            }
            if let Some(of) = &plan.trace {
                let plan = &plan;
                scope.spawn(move || trace_often(plan, of, clock, tell, stop));
            }
            let ended = prober.run(stop);
            stop.cancel();
            ended
        })
    }
}

/// Sweeps again and again. What answers is in the file; who asks decides when to read it.
fn sweep_slowly(plan: &ProbingPlan, of: &SweepPlan, stop: &CancellationToken) {
    let options = SweepOptions {
        pps: of.pps,
        retries: SWEEP_RETRIES,
        wait: SWEEP_WAIT,
        contact: plan.contact.to_string(),
        opt_out: plan.opt_out.clone(),
    };
    while !stop.is_cancelled() {
        let began = monotonic();
        let kept = Answering::read(&of.state);
        match sweep(&of.prefixes, &options, stop) {
            // A sweep that was broken off, or could not send, says nothing of who is silent.
            Ok(swept) if !stop.is_cancelled() && swept.not_sent == 0 => {
                let mut list = kept.unwrap_or_else(|error| {
                    tracing::warn!(%error, "The list of addresses that answer begins anew.");
                    Answering::default()
                });
                list.take(&swept);
                if let Err(error) = list.write(&of.state) {
                    tracing::error!(%error, "The list of addresses that answer was not written.");
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "No sweep."),
        }
        wait(of.every.saturating_sub(monotonic().duration_since(began)), stop);
    }
}

fn trace_often(
    plan: &ProbingPlan,
    of: &TracePlan,
    clock: &dyn Clock,
    tell: &Teller,
    stop: &CancellationToken,
) {
    let tracer = Tracer {
        vantage: plan.vantage.clone(),
        contact: plan.contact.clone(),
        most_hops: of.most_hops,
        clock,
        tell,
        stop,
    };
    while !stop.is_cancelled() {
        let began = monotonic();
        for target in &of.targets {
            if plan.opt_out.iter().any(|prefix| prefix.contains(*target)) {
                continue;
            }
            match tracer.trace(*target) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, %target, "No trace."),
            }
        }
        wait(of.every.saturating_sub(monotonic().duration_since(began)), stop);
    }
}

/// Waits, but not for long once it is to stop.
fn wait(span: Duration, stop: &CancellationToken) {
    let began = monotonic();
    while !stop.is_cancelled() {
        let left = span.saturating_sub(monotonic().duration_since(began));
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left.min(STOP_WITHIN));
    }
}
