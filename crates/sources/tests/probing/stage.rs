//! The namespaces: vantage point (where the test runs), router, network.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv6Addr, TcpListener};
use std::process::{Command, Stdio};

/// Builds them; the test's own mount namespace gets a /run for their names.
pub(crate) fn build() {
    sh("mount -t tmpfs none /run; mkdir -p /run/netns; ip link set lo up
        ip netns add r; ip netns add net
        ip link add v0 type veth peer name r0 netns r
        ip -n r link add r1 type veth peer name n0 netns net
        ip addr add 203.0.113.2/30 dev v0; ip link set v0 up
        ip -n r addr add 203.0.113.1/30 dev r0; ip -n r link set r0 up
        ip -n r addr add 203.0.113.5/30 dev r1; ip -n r link set r1 up; ip -n r link set lo up
        ip -n net addr add 203.0.113.6/30 dev n0; ip -n net link set n0 up
        ip -n net link set lo up
        ip route add default via 203.0.113.1
        ip -n r route add 198.18.0.0/16 via 203.0.113.6
        ip -n net route add default via 203.0.113.5
        ip -n net route add local 198.18.0.0/16 dev lo
        ip netns exec r sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
        ip -6 addr add fd00::2/64 dev v0 nodad; ip -n r -6 addr add fd00::1/64 dev r0 nodad
        for n in r net; do ip netns exec $n sh -c 'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit'; done
        echo '0 0' > /proc/sys/net/ipv4/ping_group_range");
}

/// Puts rules into the router: they see what is forwarded.
pub(crate) fn rule(rule: &str) {
    sh(&format!(
        "ip netns exec r nft 'add table ip t; add chain ip t f {{ type filter hook forward priority 0; }}; \
         add rule ip t f {rule}'"
    ));
}

/// Runs a script, which must succeed.
pub(crate) fn sh(script: &str) {
    let output = Command::new("sh").args(["-euc", script]).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A server in a namespace that counts the connections which it is given.
pub(crate) struct Accepting {
    child: std::process::Child,
}

impl Accepting {
    /// Listens on a port of every address. Itself a run of this program, since a thread can't leave the namespace.
    pub(crate) fn begin(namespace: &str, port: u16) -> Self {
        let itself = std::env::current_exe().unwrap();
        let mut child = Command::new("ip")
            .args(["netns", "exec", namespace])
            .arg(itself)
            .args(["--exact", "stage::accepts", "--ignored", "--nocapture"])
            .env(PORT, port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        while !said.next().unwrap().unwrap().contains("listens") {}
        Self { child }
    }

    /// How many there were.
    pub(crate) fn end(&mut self) -> usize {
        drop(self.child.stdin.take());
        let said = BufReader::new(self.child.stdout.take().unwrap()).lines();
        let counts = said.filter_map(|line| line.unwrap().strip_prefix("accepted ")?.parse().ok());
        counts.last().unwrap()
    }
}

/// In which variable the server is told its port.
const PORT: &str = "FALTER_TEST_PORT";

#[test]
#[ignore = "is the server of a test in namespaces"]
fn accepts() {
    let port: u16 = std::env::var(PORT).unwrap().parse().unwrap();
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    println!("listens");
    // Until the test is done.
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
    let accepted = std::iter::from_fn(|| listener.accept().ok()).count();
    println!("accepted {accepted}");
}
