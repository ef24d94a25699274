//! A test that runs again in namespaces of its own.

use std::process::{Command, Stdio};

/// Runs the ignored test of that name there; all that it started ends with it. Says so where that can't be.
pub(crate) fn run_inside(test: &str) {
    if !are_there() {
        return;
    }
    let output = Command::new("unshare")
        .args(["-Urnpm", "--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}

fn are_there() -> bool {
    let works = |command: &mut Command| command.output().is_ok_and(|done| done.status.success());
    let are_there = works(Command::new("unshare").args(["-Urnpm", "--fork", "ip", "link"]))
        && works(Command::new("nft").arg("--version"));
    if !are_there {
        println!("skipped: no lab here: unshare, ip or nft does not work");
    }
    are_there
}
