//! Whether everything stands as planned, checked with the tools that operators use: birdc, ping, dig,
//! curl.

mod routing;
mod seat;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use falter_model::Place;

use crate::country::{Role, Service};
use crate::stage::Stage;
use routing::{routes, sessions};
use seat::LOOKS;

/// How long the country may take to stand.
const PATIENCE: Duration = Duration::from_secs(30);

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What kind of thing: session, route, address, name, site, mail, inside.
    pub kind: String,
    /// Which, and from where it was looked at.
    pub what: String,
    /// It is as planned.
    pub right: bool,
    /// What was found where it is not.
    pub found: String,
}

impl Check {
    fn new(kind: &str, what: String, found: Result<(), String>) -> Self {
        let right = found.is_ok();
        Self { kind: kind.to_owned(), what, right, found: found.err().unwrap_or_default() }
    }
}

/// Waits until every session stands and every collector has the table.
pub(crate) fn wait_until_it_stands(stage: &mut Stage, says: &mut dyn FnMut(&str)) -> Result<()> {
    let began = Instant::now();
    loop {
        let wrong: Vec<String> = sessions(stage)
            .into_iter()
            .chain(routes(stage))
            .filter(|check| !check.right)
            .map(|check| format!("{}: {}", check.what, check.found))
            .collect();
        if wrong.is_empty() {
            says(&format!("stands after {:.1} s", began.elapsed().as_secs_f64()));
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            bail!("not everything stands after {} s: {}", PATIENCE.as_secs(), wrong.join("; "));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// All checks, in the order of layers. Takes some seconds.
pub fn checks(stage: &mut Stage) -> Result<Vec<Check>> {
    let mut checks = daemons(stage);
    checks.extend(sessions(stage));
    checks.extend(routes(stage));
    let stage = &*stage;
    thread::scope(|scope| {
        // All at once, since each mostly waits.
        let looks: Vec<_> = observers(stage)
            .into_iter()
            .flat_map(|seat| LOOKS.map(|look| (seat.clone(), look)))
            .map(|((observer, place), look)| scope.spawn(move || look(stage, &observer, place)))
            .collect();
        for look in looks {
            checks.extend(look.join().map_err(|_| anyhow!("a check broke off"))?);
        }
        Ok(checks)
    })
}

fn observers(stage: &Stage) -> Vec<(String, Place)> {
    let nodes = stage.country().nodes.iter();
    nodes
        .filter_map(|node| match node.role {
            Role::Observer(place) => Some((node.name.clone(), place)),
            _ => None,
        })
        .collect()
}

fn daemons(stage: &mut Stage) -> Vec<Check> {
    let planned: Vec<(String, Service)> = stage
        .country()
        .nodes
        .iter()
        .flat_map(|node| node.services().into_iter().map(|service| (node.name.clone(), service)))
        .collect();
    let check = |(node, service): (String, Service)| {
        let found =
            if stage.runs(&node, service) { Ok(()) } else { Err("does not run".to_owned()) };
        Check::new("daemon", format!("{} of {node}", service.name()), found)
    };
    planned.into_iter().map(check).collect()
}
