//! What runs inside the namespaces: a darknet here, and a network beyond a cable whose kernel answers what
//! was sent in the darknet's name.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use falter_model::{Attack, Clock, Interned, Span, Timestamp};
use falter_sources::clock::monotonic;
use falter_sources::darknet::{DarknetCounts, ListenError, Listener, Scope};
use falter_sources::live::{self, Told};
use falter_sources::recording::read_line;
use socket2::{Domain, Socket, Type};
use tokio_util::sync::CancellationToken;

use crate::packets::{INSIDE, VICTIM, at, attacks};

/// A busy machine hears what arrives this late.
const PATIENCE: Duration = Duration::from_secs(20);

/// The test sets it.
#[derive(Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::SeqCst))
    }
}

struct Listening {
    told: Told,
    clock: Arc<SetClock>,
    counts: Arc<Mutex<DarknetCounts>>,
    stop: CancellationToken,
    thread: JoinHandle<Result<(), ListenError>>,
}

impl Listening {
    fn begin() -> Self {
        let clock = Arc::new(SetClock::default());
        let scope = Scope::of_victims(Some(vec![INSIDE.parse().unwrap()]));
        let hearing = Listener::open("d0", "dark-1".into(), scope, Arc::<SetClock>::clone(&clock));
        let listener = hearing.unwrap();
        let ((tell, told), stop) = (live::channel(64), CancellationToken::new());
        let (counts, stopped) = (listener.counts(), stop.clone());
        let thread = std::thread::spawn(move || listener.run(&tell, &stopped));
        Self { told, clock, counts, stop, thread }
    }

    fn counts(&self) -> DarknetCounts {
        *self.counts.lock().unwrap()
    }

    /// Waits until what was counted is as it should be.
    fn wait_for(&self, is_so: impl Fn(DarknetCounts) -> bool) {
        let began = monotonic();
        while !is_so(self.counts()) {
            assert!(!self.thread.is_finished(), "the listener ended");
            assert!(began.elapsed() < PATIENCE, "{:?}", self.counts());
            std::thread::yield_now();
        }
    }

    /// What was told, once it has ended.
    fn end(mut self) -> Vec<Attack> {
        self.stop.cancel();
        self.thread.join().unwrap().unwrap();
        let lines = std::iter::from_fn(|| self.told.next_now());
        attacks(lines.map(|line| read_line(&line, &mut Interned::new()).unwrap()))
    }
}

fn sh(script: &str) {
    let output = Command::new("sh").args(["-euc", script]).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn build() {
    sh("mount -t tmpfs none /run; mkdir -p /run/netns; ip link set lo up
        ip netns add net
        ip link add d0 type veth peer name n0 netns net
        ip addr add 203.0.113.1/30 dev d0; ip link set d0 up
        ip -n net addr add 203.0.113.2/30 dev n0; ip -n net link set n0 up; ip -n net link set lo up
        ip route add local 198.18.0.0/15 dev lo; ip route add 175.45.176.0/22 via 203.0.113.2
        ip -n net route add local 175.45.176.0/22 dev lo
        ip -n net route add 198.18.0.0/15 via 203.0.113.1
        ip netns exec net sh -c 'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit'");
}

/// Asks the victim for a connection in the name of `from`: it refuses.
fn ask_by_tcp(from: IpAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
    let to = SocketAddr::new(VICTIM.into(), 81).into();
    assert!(socket.connect_timeout(&to, Duration::from_secs(5)).is_err(), "nobody listens there");
}

/// Sends the victim a datagram in the name of `from`: it says that nobody takes it.
fn ask_by_udp(from: IpAddr) {
    let socket = UdpSocket::bind((from, 0)).unwrap();
    socket.send_to(b"x", (VICTIM, 9)).unwrap();
}

#[test]
#[ignore = "runs in namespaces of its own"]
fn what_arrives_is_told() {
    build();
    let listening = Listening::begin();
    for second in 0..150_u32 {
        listening.clock.0.store(i64::from(second) * 1000, Ordering::SeqCst);
        let from = IpAddr::from([198, if second % 2 == 0 { 18 } else { 19 }, 3, 4]);
        // A kernel sends few errors at a time: most ask by TCP.
        if second % 10 == 9 {
            ask_by_udp(from);
        } else {
            ask_by_tcp(from);
        }
        listening.wait_for(|counts| counts.answers > u64::from(second));
    }
    // What this machine asks in its own name is answered too, and is nobody's attack.
    let before = listening.counts();
    ask_by_tcp([203, 0, 113, 1].into());
    listening.wait_for(|counts| counts.other > before.other);
    assert_eq!((listening.counts().answers, listening.counts().lost), (150, 0));
    assert_eq!(listening.counts().elsewhere, 0);

    let told = listening.end();
    assert_eq!(told.iter().map(|attack| attack.packets).sum::<u64>(), 150);
    for attack in &told {
        assert_eq!((attack.victim, &*attack.vantage), (VICTIM.into(), "dark-1"));
        assert_eq!((&*attack.protocol, attack.sources_16), ("tcp", Some(2)));
    }
    // Told when it is one, then by the minutes: 21:01:03 or a little later, until 21:02:00 and at the end.
    assert_eq!(told.len(), 3, "{told:?}");
    let first = &told[0];
    // A packet waits some microseconds, by which its time is earlier than the clock.
    let late = first.until - first.from - Span::from_seconds(60);
    assert!(late < Span::from_seconds(2) && late >= Span::ZERO, "{first:?}");
    assert!(told[1].max_ppm >= Some(59) && told[1].max_ppm <= Some(61), "{told:?}");
}

#[test]
#[ignore = "runs in namespaces of its own"]
fn a_cable_that_is_pulled_is_told() {
    build();
    let listening = Listening::begin();
    sh("ip link set d0 down");
    let ended = listening.thread.join().unwrap();
    assert!(matches!(ended, Err(ListenError::Down)), "{ended:?}");
}
