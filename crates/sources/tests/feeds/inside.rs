//! A test that runs again in namespaces of its own.

use std::process::{Command, Stdio};

/// Says so and gives false where there are no namespaces.
fn has_namespaces() -> bool {
    let output = Command::new("unshare").args(["-Urnpm", "--fork", "ip", "link"]).output();
    let works = output.is_ok_and(|output| output.status.success());
    if !works {
        println!("skipped: no lab here: unshare or ip does not work");
    }
    works
}

/// Runs the ignored test of that name there; all that it started ends with it.
pub(crate) fn run(name: &str) {
    if !has_namespaces() {
        return;
    }
    let output = Command::new("unshare")
        .args(["-Urnpm", "--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}
