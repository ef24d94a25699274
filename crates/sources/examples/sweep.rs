//! Sweeps prefixes and prints what it took: `sweep PPS RETRIES WAIT_MS PREFIX..`. For tools/bench-sweep.

use std::error::Error;
use std::time::Duration;

use falter_sources::probing::{SweepOptions, sweep};
use tokio_util::sync::CancellationToken;

#[expect(clippy::print_stdout, reason = "an example's output")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [pps, retries, wait_ms, prefixes @ ..] = arguments.as_slice() else {
        return Err("sweep PPS RETRIES WAIT_MS PREFIX..".into());
    };
    let options = SweepOptions {
        pps: pps.parse()?,
        retries: retries.parse()?,
        wait: Duration::from_millis(wait_ms.parse()?),
        contact: "bench of falter".to_owned(),
        opt_out: Vec::new(),
    };
    let prefixes = prefixes.iter().map(|prefix| prefix.parse()).collect::<Result<Vec<_>, _>>()?;
    let swept = sweep(&prefixes, &options, &CancellationToken::new())?;
    println!("{} {} {}", swept.found.len(), swept.sent, swept.not_sent);
    Ok(())
}
