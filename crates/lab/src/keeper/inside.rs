//! What a keeper does, inside its namespaces.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};
use nix::mount::{MsFlags, mount};

use super::request::{Answer, Request};
use super::spawn::{FAILED, READY};
use super::{FOLDER, SOCKET};
use crate::country::{Country, Size};
use crate::drill::Drill;
use crate::run;
use crate::stage::Stage;
use crate::status;

/// What all that stands may use of memory for its files.
const ROOM: &str = "size=1g,mode=755";

/// Builds the country and answers until told to go. With `tied` it also goes when its standard input
/// closes: then who started it is gone.
pub fn keep(size: &Size, tied: bool) -> Result<()> {
    if nix::unistd::getpid().as_raw() != 1 {
        bail!("a keeper runs in namespaces of its own: falter-lab up");
    }
    if tied {
        thread::spawn(|| {
            // Nothing is ever written there: it ends when the other side does.
            drop(std::io::stdin().read(&mut [0]));
            end();
        });
    }
    let drill = build(size).inspect_err(|error| tell(&format!("{FAILED}{error:#}")))?;
    let drill = Arc::new(drill);
    let listener = UnixListener::bind(SOCKET).context("listening")?;
    tell(READY);
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let drill = Arc::clone(&drill);
        thread::spawn(move || answer(&stream, &drill));
    }
    Ok(())
}

/// Builds the country and waits until it stands.
fn build(size: &Size) -> Result<Drill> {
    mount(Some("none"), "/run", Some("tmpfs"), MsFlags::empty(), Some(ROOM))
        .context("putting a tmpfs on /run")?;
    tell("building the country");
    let stage = Stage::build(Country::new(&size.bounded()), Path::new(FOLDER))?;
    let drill = Drill::new(stage);
    drill.with_stage(|stage| status::wait_until_it_stands(stage, &mut tell))?;
    Ok(drill)
}

/// A line to who started the keeper; once the country stands, nobody may be listening.
fn tell(line: &str) {
    let mut out = std::io::stdout();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// As the first process ends, everything in its namespaces does.
fn end() -> ! {
    #[expect(clippy::exit, reason = "the one way in which a keeper ends: all else ends with it")]
    std::process::exit(0)
}

fn answer(stream: &UnixStream, drill: &Drill) {
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line);
    let request = read.map_err(anyhow::Error::from).and_then(|_| Ok(serde_json::from_str(&line)?));
    let out = Mutex::new(stream);
    let send = |answer: &Answer| {
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        // Who asked may have gone.
        drop(serde_json::to_string(answer).map(|line| writeln!(out, "{line}")));
    };
    let goes = matches!(request, Ok(Request::Down));
    let mut says = |said: &str| send(&Answer::Says(said.to_owned()));
    let done = request.and_then(|request| serve(request, drill, &mut says));
    send(&done.unwrap_or_else(|error| Answer::Failed(format!("{error:#}"))));
    if goes {
        end();
    }
}

fn serve(request: Request, drill: &Drill, says: &mut dyn FnMut(&str)) -> Result<Answer> {
    match request {
        Request::Status => drill.with_stage(|stage| Ok(Answer::Checks(status::checks(stage)?))),
        Request::Break { fault, implementation, parameters, seed } => {
            drill.begin(&fault, implementation.as_deref(), &parameters, seed, says)?;
            Ok(Answer::Done)
        }
        Request::Mend => drill.mend(says).map(|()| Answer::Done),
        Request::Run { plan, out } => {
            drill.with_stage(|stage| run::run(stage, &plan, &out, says)).map(|()| Answer::Done)
        }
        Request::Enter { node, command } => {
            let ns = drill.with_stage(|stage| {
                stage.country().node(&node).with_context(|| format!("no node {node}"))?;
                Ok(stage.ns(&node))
            })?;
            let Some((program, arguments)) = command.split_first() else {
                bail!("no program named");
            };
            let output = ns.inside(|| {
                Command::new(program)
                    .args(arguments)
                    .output()
                    .with_context(|| format!("running {program}"))
            })?;
            let mut printed = String::from_utf8_lossy(&output.stdout).into_owned();
            printed.push_str(&String::from_utf8_lossy(&output.stderr));
            Ok(Answer::Printed(printed))
        }
        Request::Down => Ok(Answer::Done),
    }
}
