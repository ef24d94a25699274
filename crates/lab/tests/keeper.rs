//! The country stands, is found, checked and taken down, and nothing of it is ever left behind. With the
//! real binary, routers and servers, in namespaces of their own.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "processes take their time; what was skipped is told; a helper that fails must stop the test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use falter_lab::keeper;

const LAB: &str = env!("CARGO_BIN_EXE_falter-lab");

/// What lives in namespaces is counted: one test at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// True where a country can stand; else says why not.
fn can_stand() -> bool {
    let can = keeper::can_stand();
    if let Err(error) = &can {
        println!("skipped: no lab here: {error:#}");
    }
    can.is_ok()
}

fn lab(name: &str, words: &[&str]) -> Output {
    Command::new(LAB).args(["--name", name]).args(words).stdin(Stdio::null()).output().unwrap()
}

/// Does it and gives what it printed; a failure ends the test.
fn done(name: &str, words: &[&str]) -> String {
    let output = lab(name, words);
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Starts a country and comes back at once.
fn going_up(name: &str) -> Child {
    let mut command = Command::new(LAB);
    command.args(["--name", name, "up", "--routes", "1000"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Pid namespaces other than our own: each is a country, or what is left of one.
fn inhabited() -> BTreeSet<PathBuf> {
    let own = fs::read_link("/proc/self/ns/pid").unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let spaces = processes.filter_map(|process| fs::read_link(process.path().join("ns/pid")).ok());
    spaces.filter(|space| *space != own).collect()
}

/// The command lines of those who live in pid namespaces other than our own.
fn inhabitants() -> Vec<String> {
    let own = fs::read_link("/proc/self/ns/pid").unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|process| process.path());
    let others = processes
        .filter(|process| fs::read_link(process.join("ns/pid")).is_ok_and(|space| space != own));
    let lines = others.map(|process| fs::read(process.join("cmdline")).unwrap_or_default());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).collect()
}

/// Named namespaces and files of ours outside of any country.
fn traces() -> BTreeSet<PathBuf> {
    let folders = ["/run/netns", "/run", "/tmp", "/var/run"];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let ours = entries.map(|entry| entry.path()).filter(|path| {
        path.starts_with("/run/netns") || path.to_string_lossy().contains("falter-lab")
    });
    ours.collect()
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(10), "{what}: {:?}", inhabitants());
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn two_countries_stand_side_by_side_and_are_as_planned() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if !can_stand() {
        return;
    }
    let (before, files) = (inhabited(), traces());
    let [mut one, mut other] = ["side-1", "side-2"].map(going_up);
    assert!(one.wait().unwrap().success() && other.wait().unwrap().success());
    let names: Vec<String> = keeper::find_all().unwrap().into_iter().map(|k| k.name).collect();
    assert!(["side-1", "side-2"].iter().all(|name| names.contains(&(*name).to_owned())));
    for name in ["side-1", "side-2"] {
        // On a busy machine an answer may be late: what is wrong is wrong each time.
        let mut looks = (0..3).map(|_| lab(name, &["status"]));
        let wrong = |look: &Output| String::from_utf8_lossy(&look.stdout).into_owned();
        let first = looks.next().unwrap();
        let right = first.status.success() || looks.any(|look| look.status.success());
        assert!(right, "{}", wrong(&first));
    }
    let answer =
        done("side-1", &["enter", "observer1", "ping", "-c", "1", "-W", "1", "175.45.176.81"]);
    assert!(answer.contains("1 received"), "{answer}");
    done("side-1", &["down"]);
    done("side-2", &["down"]);
    wait_until("something lives on", || inhabited().is_subset(&before));
    assert!(traces().is_subset(&files));
}

#[test]
fn nothing_is_left_behind_whatever_is_killed_whenever() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if !can_stand() {
        return;
    }
    let (before, files) = (inhabited(), traces());
    // Moments spread over the building and the first seconds of standing; a prime number of
    // milliseconds apart, so that they never fall on the same step twice.
    for (number, after_ms) in (0..10_u64).map(|n| (n, 20 + n * 431)) {
        let name = format!("killed-{number}");
        let mut starter = going_up(&name);
        thread::sleep(Duration::from_millis(after_ms));
        let victims = processes(&name);
        let victim = victims.iter().nth(usize::try_from(number).unwrap() % victims.len().max(1));
        if let Some(victim) = victim {
            Command::new("kill").args(["-9", &victim.to_string()]).status().unwrap();
        }
        drop(starter.kill());
        starter.wait().unwrap();
        // Whoever started it was killed too: the country may stand, as after `up`. Then it goes by
        // its first processes. One that was just being made when its maker was killed takes its name
        // only afterwards, so they are looked for until all is gone.
        wait_until(&format!("something of {name}, victim {victim:?}, lives on"), || {
            for left in processes(&name) {
                drop(Command::new("kill").args(["-9", &left.to_string()]).status());
            }
            inhabited().is_subset(&before)
        });
        assert!(traces().is_subset(&files), "{:?}", traces());
    }
}

/// The processes that were started under this name: unshare, and the keeper in it.
fn processes(name: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|text| text.parse().ok()) else {
            continue;
        };
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(&format!("keeper --name {name} ")) {
            found.insert(pid);
        }
    }
    found
}
