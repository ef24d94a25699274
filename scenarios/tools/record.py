#!/usr/bin/env python3
"""Records the scenarios of routing with real routers.

    scenarios/tools/record.py [SCENARIO...]

Needs Linux with user namespaces, iproute2, nftables, bird2 and bgpdump; root is not needed. Each
scenario takes two to six minutes. It writes `collector-N/{rib,updates}.mrt.gz` and `truth.toml` into
the scenario's folder; expectations and README are by hand. Nothing leaves the namespaces, and when
this process ends they are gone.
"""

import dataclasses
import datetime
import gzip
import os
import pathlib
import sys
import tempfile
import time

# Nothing but recordings is left behind.
sys.dont_write_bytecode = True

import country  # noqa: E402
import restamp  # noqa: E402
import truth  # noqa: E402

SCENARIOS = pathlib.Path(__file__).resolve().parent.parent
COLLECTORS = {"collector1": "collector-1", "collector2": "collector-2"}

# A table of 300 foreign prefixes and the country's four, from each peer that sends a full feed.
ROUTES_EXPECTED = {"collector1": 3 * 304, "collector2": 2 * 304 + 50}

# Seconds between two changes of some route elsewhere: no feed is ever silent.
NOISE_EVERY = 1.0


@dataclasses.dataclass
class Plot:
    """What happens in a scenario, and how its time is mapped."""
    play: object
    cause: str
    fault: str
    # A second of the run becomes so many.
    slower: int
    # When the first action is in the recording.
    first_action: str


class Stage:
    """A country, the time since its table dumps, and what was done to it."""

    def __init__(self, lab):
        self.lab = lab
        self.actions = []
        self.noises = 0
        self.began = time.time()

    def wait(self, seconds):
        """Lets time pass, with routes elsewhere changing as they always do."""
        until = time.time() + seconds
        while (left := until - time.time()) > 0:
            time.sleep(min(left, NOISE_EVERY))
            name = country.OUTSIDE[self.noises % len(country.OUTSIDE)]
            even = self.noises // len(country.OUTSIDE) % 2 == 0
            self.lab.tell(name, "disable" if even else "enable", "noise")
            self.noises += 1

    def act(self, what, action, *arguments):
        """Does something and notes when."""
        self.actions.append((time.time(), what))
        action(*arguments)


def clean_withdrawal(stage):
    """Every /24 withdrawn by its operator, a second apart; announced again a minute and a half later."""
    stage.wait(60)
    for verb, done, pause in [("disable", "withdraws", 90), ("enable", "announces", 40)]:
        for number, prefix in enumerate(country.PREFIXES):
            stage.act(f"AS131279 {done} {prefix}", stage.lab.tell, "gateway", verb, f"own{number}")
            time.sleep(1)
        stage.wait(pause)


def hold_timer_flap(stage):
    """No BGP message gets to or from the gateway: hold timers expire, three times and once for long."""
    stage.wait(120)
    for blocked, passing in [(14, 12), (14, 12), (14, 12), (80, 60)]:
        stage.act("BGP to and from AS131279 is blocked", stage.lab.starve, "gateway")
        stage.wait(blocked)
        stage.act("BGP to and from AS131279 passes again", stage.lab.feed, "gateway")
        stage.wait(passing)


def transit_lost(stage):
    """The cable to one of two transits is cut and spliced a minute later."""
    stage.wait(60)
    stage.act("the link between AS131279 and AS4837 is cut", stage.lab.cut, "gateway", "unicom")
    stage.wait(60)
    stage.act("the link between AS131279 and AS4837 works again", stage.lab.splice, "gateway", "unicom")
    stage.wait(40)


PLOTS = {
    # The first one on the hour in Pyongyang (00:00 on 3 March), as ordered work often is.
    "clean-withdrawal": Plot(clean_withdrawal, "shutdown", "withdrawal", 60, "2026-03-02T15:00:00Z"),
    "hold-timer-flap": Plot(hold_timer_flap, "overload", "bgp-starved", 20, "2026-03-10T07:23:40Z"),
    "transit-lost": Plot(transit_lost, "link", "one-transit-cut", 60, "2026-03-17T03:41:12Z"),
}


def record(name, folder):
    """Plays a scenario and writes what the collectors saw."""
    plot = PLOTS[name]
    watches = {c: restamp.Watch(folder / f"{c}.updates.mrt") for c in COLLECTORS}
    lab = country.Country(folder)
    try:
        settle(lab)
        for collector in COLLECTORS:
            lab.tell(collector, f'mrt dump table "master4" to "{folder}/{collector}.rib.mrt"')
        time.sleep(1)
        stage = Stage(lab)
        plot.play(stage)
        ended = time.time()
        for watch in watches.values():
            watch.stop()
    finally:
        lab.stop()

    anchor = datetime.datetime.fromisoformat(plot.first_action).timestamp()
    first_action = stage.actions[0][0]
    there = lambda at: anchor + plot.slower * (at - first_action)
    written = {"rib": [], "updates": []}
    for collector, home in COLLECTORS.items():
        updates = (folder / f"{collector}.updates.mrt").read_bytes()
        table = (folder / f"{collector}.rib.mrt").read_bytes()
        updates = restamp.restamp_updates(updates, watches[collector], stage.began, ended, there)
        for kind, octets in [("rib", restamp.restamp_table(table, there)), ("updates", updates)]:
            path = SCENARIOS / name / home / f"{kind}.mrt.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(octets, 9, mtime=0))
            written[kind].append(path)
    actions = [(there(at), what) for at, what in stage.actions]
    truth.write(SCENARIOS / name / "truth.toml", plot, actions, truth.states(written["rib"], written["updates"]))


def settle(lab):
    """Waits until every collector has its whole table."""
    for _ in range(60):
        time.sleep(1)
        if all(lab.carried(collector) == n for collector, n in ROUTES_EXPECTED.items()):
            return
    raise SystemExit("the routers did not agree within a minute")


def main():
    if os.environ.get("FALTER_INSIDE") != "1":
        # Namespaces of our own for users, processes, mounts and network: all goes when this goes.
        os.environ["FALTER_INSIDE"] = "1"
        enter = 'mount -t tmpfs none /run && mount -t proc none /proc && exec "$@"'
        os.execvp("unshare", ["unshare", "-Urnpm", "--fork", "--kill-child", "sh", "-c", enter, "sh",
                              sys.executable, os.path.abspath(__file__), *sys.argv[1:]])
    for name in sys.argv[1:] or PLOTS:
        with tempfile.TemporaryDirectory(dir="/run") as folder:
            record(name, pathlib.Path(folder))
        print(f"{name} recorded")


if __name__ == "__main__":
    main()
