//! A country of one's own, watched from three seats with the tools that operators use.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use falter_lab::country::{Country, Size};
use falter_lab::faults;
use falter_lab::keeper::{self, Answer, Keeper, Request};

use crate::seen::{Layer, Sample, Seen};

/// How long before a fault and after its last action is watched.
const BEFORE: Duration = Duration::from_millis(1_500);
const AFTER: Duration = Duration::from_secs(6);
/// How long everything may take to be as planned after mending.
const MENDS_WITHIN: Duration = Duration::from_secs(25);

/// A keeper that ends with this value, however the test ends.
pub(crate) struct Lab {
    country: Country,
    keeper: Keeper,
    child: Child,
}

/// Where to look after mending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Everywhere,
    Nowhere,
}

/// Whether the testbed can stand here.
pub(crate) fn possible() -> Result<(), String> {
    keeper::can_stand().map_err(|error| format!("{error:#}"))
}

impl Lab {
    /// A country whose sessions are given up after 3 s of silence.
    pub(crate) fn up() -> Self {
        let size = Size { hold_time_s: 3, table_routes: 2_000, ..Size::default() };
        let name = format!("test-faults-{}", std::process::id());
        let root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0");
        let mut child = Command::new("unshare")
            .args([if root { "-npm" } else { "-Urnpm" }, "--fork", "--kill-child", "--"])
            .args([env!("CARGO_BIN_EXE_falter-lab"), "keeper", "--name", &name])
            .args(["--size", &serde_json::to_string(&size).unwrap(), "--tied"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(said.into_iter().any(|line| line == "ready"), "the country does not stand");
        Self { country: Country::new(&size), keeper: keeper::find(&name).unwrap(), child }
    }

    /// Plays a fault and watches it; gives what was seen.
    pub(crate) fn watch(
        &self,
        fault: &str,
        implementation: &str,
        parameters: &BTreeMap<String, f64>,
    ) -> Seen {
        let story =
            faults::story(&self.country, fault, Some(implementation), parameters, 1).unwrap();
        let began = self.run("gateway", &["date", "+%F %T.%3N"]);
        let samples = Mutex::new(Vec::new());
        let over = AtomicBool::new(false);
        let watched = Instant::now();
        thread::scope(|scope| {
            for (layer, seat) in Layer::SEATS {
                let (samples, over) = (&samples, &over);
                scope.spawn(move || {
                    while !over.load(Ordering::Relaxed) {
                        let at = watched.elapsed();
                        let sample = self.look(layer, seat, at);
                        samples.lock().unwrap().push(sample);
                        thread::sleep((at + layer.every()).saturating_sub(watched.elapsed()));
                    }
                });
            }
            thread::sleep(BEFORE);
            let order = Request::Break {
                fault: fault.to_owned(),
                implementation: Some(implementation.to_owned()),
                parameters: parameters.clone(),
                seed: 1,
            };
            let obeyed = self.keeper.ask(&order, &mut |_| {}).is_ok();
            thread::sleep(story.lasts() + AFTER);
            over.store(true, Ordering::Relaxed);
            assert!(obeyed, "{fault}, {implementation} did not begin");
        });
        let mut samples = samples.into_inner().unwrap();
        samples.sort_by_key(|sample| sample.at);
        Seen { story, began, begins: BEFORE, samples }
    }

    /// Puts everything back, twice; gives what is not as planned when its time is over.
    pub(crate) fn mended(&self, look: Look) -> Vec<String> {
        for _ in 0..2 {
            if let Err(error) = self.keeper.ask(&Request::Mend, &mut |_| {}) {
                return vec![format!("{error:#}")];
            }
        }
        if look == Look::Nowhere {
            return Vec::new();
        }
        let began = Instant::now();
        loop {
            let Ok(Answer::Checks(checks)) = self.keeper.ask(&Request::Status, &mut |_| {}) else {
                return vec!["no status".to_owned()];
            };
            let wrong: Vec<String> = checks
                .into_iter()
                .filter(|check| !check.right)
                .map(|check| format!("{} {}: {}", check.kind, check.what, check.found))
                .collect();
            if wrong.is_empty() || began.elapsed() > MENDS_WITHIN {
                return wrong;
            }
        }
    }

    /// What a router has logged.
    pub(crate) fn log_of(&self, router: &str) -> String {
        self.run(router, &["cat", &format!("/run/lab/{router}/bird.log")])
    }

    fn look(&self, layer: Layer, seat: &'static str, at: Duration) -> Sample {
        let command = layer.command(seat, &self.country);
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let (up, all, quality) = layer.read(&self.country, &self.run(seat, &words));
        Sample { at, layer, seat, up, all, quality }
    }

    /// Runs a program in a node and gives what it printed.
    fn run(&self, node: &str, command: &[&str]) -> String {
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        match self.keeper.ask(&Request::Enter { node: node.to_owned(), command }, &mut |_| {}) {
            Ok(Answer::Printed(printed)) => printed,
            _ => String::new(),
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // Its standard input closes: it goes by itself.
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
