//! `falter watch` and `falter record` ask name servers, sites and services: real ones on loopback, some of
//! which do not work.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "daemons take their time; what was skipped is told; a helper that fails must stop the test"
)]

#[path = "asking/world.rs"]
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use world::World;

/// A busy machine needs more than a round.
const LOOKS: usize = 600;

/// A program that is ended with the test.
struct Running(Child);

impl Running {
    /// The verb with its own arguments, on the network and configuration in `folder`.
    fn start(folder: &Path, verb: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_falter"));
        command.arg(verb[0]).arg(folder.join("network.toml")).args(&verb[1..]);
        command.arg("--config").arg(folder.join("falter.toml"));
        command.env_remove("FALTER_STORE").env_remove("NOTIFY_SOCKET").stdin(Stdio::null());
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Ends it as a service would be ended.
    fn end(mut self) {
        world::terminate(&self.0);
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn prepare(folder: &Path, world: &World) {
    fs::write(folder.join("network.toml"), world.profile()).unwrap();
    let config = format!(
        "[routes.ris_live]\nenabled = false\n[probing]\npackets_per_second = 5\n\
         [names]\nevery = \"5s\"\nroots = [\"{}\"]\nport = {}\n[sites]\nevery = \"10s\"\n",
        world::ROOT,
        world.names_port
    );
    fs::write(folder.join("falter.toml"), config).unwrap();
}

/// Every whole line of a file that grows, compressed or not.
fn lines(file: &Path) -> Vec<Value> {
    let Ok(octets) = fs::read(file) else { return Vec::new() };
    let text = if file.extension().is_some_and(|ending| ending == "zst") {
        let mut text = Vec::new();
        // The last frame may not be whole yet: what is before it is.
        let _cut = std::io::copy(&mut zstd::Decoder::new(&octets[..]).unwrap(), &mut text);
        text
    } else {
        octets
    };
    text.split(|octet| *octet == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

/// The segments that a watch keeps of its one network.
fn segments(folder: &Path) -> Vec<PathBuf> {
    let Ok(networks) = fs::read_dir(folder.join("store/observations")) else { return Vec::new() };
    let folders = networks.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    folders.flat_map(|folder| fs::read_dir(folder).unwrap().flatten().map(|e| e.path())).collect()
}

/// What a line says, without times: `name ns1.kptc.kp udp NOERROR`, `page URL connect refused`.
fn says(line: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(name) = line.get("name") {
        let answer = &name["answer"]["rcode"];
        let said = if answer.is_string() { answer } else { &name["error"] };
        return Some(format!(
            "name {} {} {}",
            text(&name["server"]),
            text(&name["transport"]),
            text(said)
        ));
    }
    if let Some(probe) = line.get("probe") {
        let how = if probe["reply"].is_object() { "reply" } else { "nothing" };
        return Some(format!("probe {} {} {how}", text(&probe["target"]), text(&probe["method"])));
    }
    let page = line.get("page")?;
    let how =
        page["status"].as_u64().map_or_else(|| text(&page["error"]), |status| status.to_string());
    Some(format!("page {} {} {how}", text(&page["site"]), text(&page["stage"])))
}

/// Waits until the lines of these files say all of this.
fn wait_for(files: impl Fn() -> Vec<PathBuf>, expected: &[String]) {
    let mut said: Vec<String> = Vec::new();
    for _ in 0..LOOKS {
        said = files().iter().flat_map(|file| lines(file)).filter_map(|line| says(&line)).collect();
        if expected.iter().all(|line| said.contains(line)) {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let missing: Vec<&String> = expected.iter().filter(|line| !said.contains(line)).collect();
    panic!("{missing:#?} is not among {said:#?}");
}

#[test]
fn names_sites_and_services_are_told_as_they_are() {
    let Some(world) = World::start() else { return };
    let (watched, recorded) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (watched, recorded) = (watched.path(), recorded.path());
    prepare(watched, &world);
    prepare(recorded, &world);
    let store = watched.join("store");
    let contact = ["--contact", "who@example.org"];
    let watch = [&["watch", "--store", store.to_str().unwrap()], &contact[..]].concat();
    let watch = Running::start(watched, &watch);
    // Nobody is asked where nobody answers for it.
    let out = recorded.join("out.jsonl");
    let record = Running::start(recorded, &["record", "--out", out.to_str().unwrap()]);

    let expected = world.expected();
    wait_for(|| segments(watched), &expected);
    watch.end();
    record.end();
    let without: Vec<Value> = lines(&out);
    assert!(without.iter().any(|line| line.get("tick").is_some()), "nothing was recorded");
    let asked = ["name", "page", "probe", "control", "hop"];
    let told = without.iter().find(|line| asked.iter().any(|fact| line.get(fact).is_some()));
    assert_eq!(told, None);
}
