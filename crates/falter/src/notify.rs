//! What a service's keeper is told (`sd_notify(3)`): a datagram to the socket that it names.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::watch::Board;

/// The keeper hears at least this often that all is well: a third of the unit's `WatchdogSec=`.
pub(crate) const OFTEN: Duration = Duration::from_secs(10);

/// Everything has started.
pub(crate) fn ready() {
    tell("READY=1");
}

/// It is still at work, if every network's watcher is; says what it sees. Without that the keeper starts it
/// anew.
pub(crate) fn alive(board: &Board) {
    let stuck = board.stuck();
    if !stuck.is_empty() {
        let names: Vec<&str> = stuck.iter().map(|name| &**name).collect();
        tell(&format!("STATUS=does not go on: {}", names.join(", ")));
        return;
    }
    let state = if board.outage_goes_on() { "an outage goes on" } else { "no outage" };
    tell(&format!("WATCHDOG=1\nSTATUS={state}"));
}

/// It ends.
pub(crate) fn stopping() {
    tell("STOPPING=1");
}

fn tell(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    // `@` stands for the abstract namespace.
    let address = match path.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&path),
    };
    let sent =
        UnixDatagram::unbound().and_then(|socket| socket.send_to_addr(state.as_bytes(), &address?));
    if let Err(error) = sent {
        tracing::debug!(%error, "The service's keeper was not told.");
    }
}
