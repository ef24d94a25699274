//! Probes addresses for some seconds at 100 packets a second and prints what it knows of itself: `probe
//! SECONDS ADDRESS..`. By `time` it shows what probing costs.

use std::error::Error;
use std::time::Duration;

use falter_model::Method;
use falter_sources::clock::SystemClock;
use falter_sources::live::channel;
use falter_sources::probing::{
    Attention, PacePlan, Probing, ProbingPlan, RoundsPlan, Target, privileges,
};
use tokio_util::sync::CancellationToken;

#[expect(clippy::print_stdout, reason = "an example's output")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seconds, addresses @ ..] = arguments.as_slice() else {
        return Err("probe SECONDS ADDRESS..".into());
    };
    let target = |address: &String| -> Result<Target, Box<dyn Error>> {
        let methods = vec![Method::Icmp];
        Ok(Target { address: address.parse()?, methods, availability: 0.95 })
    };
    let probing = Probing::new(ProbingPlan {
        vantage: "example".into(),
        contact: "bench of falter".into(),
        targets: addresses.iter().map(target).collect::<Result<_, _>>()?,
        controls: Vec::new(),
        opt_out: Vec::new(),
        pace: PacePlan { total_pps: 125.0, ..PacePlan::default() },
        rounds: RoundsPlan::default(),
        sweep: None,
        handshake: falter_sources::probing::Handshake::Whole,
        trace: None,
    })?;
    let (teller, mut told) = channel(10_000);
    let attention = Attention::default();
    attention.set_unsure(true);
    let probing = probing.attending(attention);
    let (status, stop) = (probing.status(), CancellationToken::new());
    let token = stop.clone();
    let run = std::thread::spawn(move || probing.run(&SystemClock, &teller, &token));
    std::thread::park_timeout(Duration::from_secs(seconds.parse()?));
    stop.cancel();
    run.join().map_err(|_| "the prober panicked")??;
    let lines = std::iter::from_fn(|| told.next_now()).count();
    println!("{:?}\n{lines} told\n{:?}", privileges(), status.lock().map_err(|_| "poisoned")?);
    Ok(())
}
