//! A mail service as far as it is measured: who connects to TCP port 25 is greeted (RFC 5321,
//! section 3.1).

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::country::{Node, Role};

/// How long a client may be silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the service is started: as a process of its own, so that it can be ended like any other.
pub(super) fn command(node: Option<&Node>) -> Result<Command> {
    let address = node.and_then(|node| match &node.role {
        Role::Machine(machine) => machine.mail,
        _ => None,
    });
    let address = address.context("no mail service there")?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("serve-mail").arg(address.to_string());
    Ok(command)
}

/// Greets whoever connects, until it is ended.
pub fn serve(address: Ipv4Addr) -> Result<()> {
    let listener = TcpListener::bind((address, 25)).context("listening for mail")?;
    for stream in listener.incoming().flatten() {
        thread::spawn(move || greet(stream));
    }
    Ok(())
}

/// Greets one client and waits for its first word.
fn greet(mut stream: TcpStream) {
    let greeted = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(b"220 mail.silibank.net.kp ESMTP\r\n"))
        .and_then(|()| stream.read(&mut [0; 512]));
    if greeted.is_ok() {
        // Whether the client still listens is its own affair.
        drop(stream.write_all(b"221 closing\r\n"));
    }
}
