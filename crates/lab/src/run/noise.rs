//! The usual noise of routing: somewhere in the world an attribute of a route changes, about once a second.
//! So no feed is ever silent, and silence means something.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::country::Role;
use crate::stage::Stage;
use crate::witness::bird::Conversation;

/// Between two changes. Not a second, so that it does not beat with what else happens each second.
const EVERY: Duration = Duration::from_millis(930);
/// How often the end is looked for.
const LOOKS_EVERY: Duration = Duration::from_millis(31);

/// Noise that goes on.
#[derive(Debug)]
pub(super) struct Noise {
    over: Arc<AtomicBool>,
    maker: JoinHandle<()>,
}

impl Noise {
    /// Begins it: all ASes of the world in turn, first with the attribute, then without.
    pub(super) fn begin(stage: &Stage) -> Self {
        let worlds = stage.country().nodes_that(|role| *role == Role::World);
        let sockets: Vec<PathBuf> =
            worlds.map(|world| stage.folder_of(&world.name).join("bird.ctl")).collect();
        let over = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&over);
        Self { over, maker: thread::spawn(move || make(&sockets, &heard)) }
    }

    /// Ends it, and takes all attributes back.
    pub(super) fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        // The maker does nothing that could panic.
        drop(self.maker.join());
    }
}

fn make(sockets: &[PathBuf], over: &AtomicBool) {
    'noise: for verb in ["enable", "disable"].into_iter().cycle() {
        for socket in sockets {
            for _ in 0..EVERY.as_millis() / LOOKS_EVERY.as_millis() {
                if over.load(Ordering::Relaxed) {
                    break 'noise;
                }
                thread::sleep(LOOKS_EVERY);
            }
            say(socket, verb);
        }
    }
    for socket in sockets {
        say(socket, "disable");
    }
}

/// A router that is not there makes no noise.
fn say(socket: &std::path::Path, verb: &str) {
    drop(Conversation::begin(socket).and_then(|mut talk| talk.ask(&format!("{verb} noise"))));
}
