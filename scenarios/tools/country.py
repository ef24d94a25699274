"""A small country behind two transits, as BIRD routers in network namespaces.

Four /24s of AS131279 (the gateway) reach the world through AS4837 and AS20485. Outside are six ASes
of the documentation range, each with fifty prefixes of the benchmark range 198.18.0.0/15, which
feed two collectors. AS64501 sends its collector no more than its own prefixes: a partial feed. All
addresses exist inside these namespaces only; there is no way out of them.
"""

import pathlib
import subprocess

PREFIXES = [f"175.45.{third}.0/24" for third in range(176, 180)]

# Name -> AS number. The real numbers of the country and its transits, documentation numbers
# (RFC 5398) for everybody else.
ASNS = {
    "gateway": 131279,
    "unicom": 4837,
    "transtelekom": 20485,
    "outside1": 64496,
    "outside2": 64497,
    "outside3": 64498,
    "outside4": 64499,
    "outside5": 64500,
    "outside6": 64501,
    "collector1": 64510,
    "collector2": 64511,
}
OUTSIDE = [name for name in ASNS if name.startswith("outside")]
PARTIAL_FEED = "outside6"

LINKS = [
    ("gateway", "unicom"),
    ("gateway", "transtelekom"),
    ("unicom", "transtelekom"),
    ("unicom", "outside1"),
    ("unicom", "outside2"),
    ("unicom", "outside3"),
    ("unicom", "outside6"),
    ("transtelekom", "outside3"),
    ("transtelekom", "outside4"),
    ("transtelekom", "outside5"),
    ("outside1", "outside4"),
    ("outside1", "collector1"),
    ("outside2", "collector1"),
    ("outside3", "collector1"),
    ("outside4", "collector2"),
    ("outside5", "collector2"),
    ("outside6", "collector2"),
]

# Seconds. Keepalives go out at a third of the hold time.
HOLD_TIME = 9
PREFIXES_EACH = 50


def run(*command):
    """Runs a command to its end; what it prints is returned, a failure stops everything."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Country:
    """The routers, up from the moment of construction until `stop`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.routers = {}
        for name in ASNS:
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        for number, (left, right) in enumerate(LINKS):
            self._link(number, left, right)
        for name in ASNS:
            self._start(name)

    def _link(self, number, left, right):
        run("ip", "link", "add", f"to-{right}"[:15], "netns", left, "type", "veth",
            "peer", "name", f"to-{left}"[:15], "netns", right)
        for name, other, last in [(left, right, 0), (right, left, 1)]:
            run("ip", "-n", name, "address", "add", f"{address(number, last)}/31", "dev", f"to-{other}"[:15])
            run("ip", "-n", name, "link", "set", f"to-{other}"[:15], "up")

    def _start(self, name):
        config = self.folder / f"{name}.conf"
        config.write_text(router_config(name, self.folder))
        self.routers[name] = subprocess.Popen(
            ["ip", "netns", "exec", name, "bird", "-f", "-c", str(config), "-s", self._socket(name)])

    def _socket(self, name):
        return str(self.folder / f"{name}.ctl")

    def tell(self, name, *words):
        """A command to a router, as an operator would type it."""
        return run("birdc", "-s", self._socket(name), *words)

    def carried(self, collector):
        """How many routes a collector has in all."""
        for line in self.tell(collector, "show", "route", "count").splitlines():
            if " routes for " in line and "table master4" in line:
                return int(line.split()[0])
        return 0

    def cut(self, left, right):
        """The cable between two routers is cut: both see the light go out."""
        run("ip", "-n", left, "link", "set", f"to-{right}"[:15], "down")

    def splice(self, left, right):
        """The cable works again; the address goes with the light, so it is set anew."""
        run("ip", "-n", left, "link", "set", f"to-{right}"[:15], "up")

    def starve(self, name):
        """No BGP message passes a router any more, either way; its links stay up."""
        run("ip", "netns", "exec", name, "nft", "add table inet starve; "
            "add chain inet starve in { type filter hook input priority 0; }; "
            "add chain inet starve out { type filter hook output priority 0; }; "
            "add rule inet starve in tcp dport 179 drop; add rule inet starve in tcp sport 179 drop; "
            "add rule inet starve out tcp dport 179 drop; add rule inet starve out tcp sport 179 drop")

    def feed(self, name):
        """The end of `starve`."""
        run("ip", "netns", "exec", name, "nft", "delete table inet starve")

    def stop(self):
        """Ends the routers that were started here."""
        for router in self.routers.values():
            router.terminate()
        for router in self.routers.values():
            router.wait(timeout=10)


def address(number, last):
    """An end of a link: 203.0.113.0/24 (TEST-NET-3) holds 128 links of two."""
    return f"203.0.113.{2 * number + last}"


def own_prefixes(name):
    """What an AS originates."""
    if name == "gateway":
        return PREFIXES
    if name not in OUTSIDE:
        return []
    first = OUTSIDE.index(name) * PREFIXES_EACH
    return [f"198.{18 + n // 256}.{n % 256}.0/24" for n in range(first, first + PREFIXES_EACH)]


def router_config(name, folder):
    """A router's whole configuration."""
    asn = ASNS[name]
    parts = [f'router id 198.51.100.{list(ASNS).index(name) + 1};',
             f'log "{folder}/{name}.log" all;', "protocol device { scan time 1; }"]
    if name.startswith("collector"):
        parts.append(f'mrtdump "{folder}/{name}.updates.mrt";')
    for number, prefix in enumerate(own_prefixes(name)):
        # A protocol a prefix, so that an operator can withdraw each by itself.
        parts.append(f"protocol static own{number} {{ ipv4; route {prefix} unreachable; }}")
    if name in OUTSIDE:
        # While this one is enabled, the first prefix carries a community: switching it makes the
        # usual background noise of routing without any route going away.
        parts.append(f"protocol static noise {{ ipv4 {{ preference 250; }}; route {own_prefixes(name)[0]} "
                     f"unreachable {{ bgp_community.add(({asn}, 1)); }}; }}")
    for number, (left, right) in enumerate(LINKS):
        if name == left:
            parts.append(session(name, right, address(number, 0), address(number, 1)))
        elif name == right:
            parts.append(session(name, left, address(number, 1), address(number, 0)))
    return "\n".join(parts) + "\n"


def session(name, other, ours, theirs):
    """A BGP session with a neighbor."""
    collects = name.startswith("collector")
    if collects:
        export = "none"
    elif name == PARTIAL_FEED and other.startswith("collector"):
        export = "where source = RTS_STATIC"
    else:
        export = "all"
    dump = "mrtdump { states, messages };" if collects else ""
    return (f"protocol bgp to_{other} {{ local {ours} as {ASNS[name]}; neighbor {theirs} as {ASNS[other]}; "
            f"hold time {HOLD_TIME}; keepalive time {HOLD_TIME // 3}; connect delay time 1; "
            f"connect retry time 2; error wait time 1, 3; {dump} "
            f"ipv4 {{ import all; export {export}; next hop self; }}; }}")
