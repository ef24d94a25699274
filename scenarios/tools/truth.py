"""What a recording truly holds, read by `bgpdump`, not by falter, and written as truth.toml.

A prefix is there while more than half of the peers with a full feed carry it. All four there is
`up`, some `partial`, none `down`.
"""

import datetime
import itertools
import subprocess

import country

FULL_FEED = {str(country.ASNS[name]) for name in country.OUTSIDE if name != country.PARTIAL_FEED}


def text(seconds):
    """A time as RFC 3339, to the millisecond."""
    moment = datetime.datetime.fromtimestamp(round(seconds, 3), datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def elements(path):
    """(time, peer AS, prefix, carried) as bgpdump tells them."""
    printed = subprocess.run(["bgpdump", "-m", "-q", str(path)], capture_output=True, text=True, check=True).stdout
    for line in printed.splitlines():
        fields = line.split("|")
        if fields[2] in ("A", "B", "W") and fields[5] in country.PREFIXES:
            yield float(fields[1]), fields[4], fields[5], fields[2] != "W"


def states(tables, updates):
    """[(time of the elements before, time, state)] of each change, the first one at the tables' time."""
    carried = {}
    at_start = [e for path in tables for e in elements(path)]
    for _, peer, prefix, there in at_start:
        carried[peer, prefix] = there
    before = at_start[0][0]
    found = [(before, before, state(carried))]
    changes = sorted((e for path in updates for e in elements(path)), key=lambda e: e[0])
    for at, group in itertools.groupby(changes, key=lambda e: e[0]):
        for _, peer, prefix, there in group:
            carried[peer, prefix] = there
        if state(carried) != found[-1][2]:
            found.append((before, at, state(carried)))
        before = at
    return found


def state(carried):
    """Of the four prefixes together."""
    there = 0
    for prefix in country.PREFIXES:
        peers = sum(carried.get((peer, prefix), False) for peer in FULL_FEED)
        there += 2 * peers > len(FULL_FEED)
    return {len(country.PREFIXES): "up", 0: "down"}.get(there, "partial")


def write(path, plot, actions, changes):
    """truth.toml as the interface has it."""
    bad = [i for i, (_, _, state) in enumerate(changes) if state != "up"]
    lines = [f'cause = "{plot.cause}"', f'fault = "{plot.fault}"', 'entity = "network/kp"',
             f'extent = "{"all prefixes" if bad else "none"}"', "synthetic = true", f"time_scale = {plot.slower}", "",
             "[parameters]", f"hold_time_s = {country.HOLD_TIME}", f"hold_time_scaled_s = {country.HOLD_TIME * plot.slower}"]
    if bad:
        first, last = changes[bad[0]], changes[bad[-1] + 1]
        lines += ["", "# Times of the elements around the change, as bgpdump tells them: last good and first bad,",
                  "# then last bad and first good.",
                  "[from]", f'last_good = "{text(first[0])}"', f'first_bad = "{text(first[1])}"',
                  "", "[until]", f'last_bad = "{text(last[0])}"', f'first_good = "{text(last[1])}"']
    for at, what in actions:
        lines += ["", "[[action]]", f'at = "{text(at)}"', f'what = "{what}"']
    lines += ["", "[[layer]]", 'name = "routes"', "states = ["]
    lines += [f'    {{ at = "{text(at)}", state = "{state}" }},' for _, at, state in changes]
    path.write_text("\n".join(lines + ["]", ""]))
