#!/usr/bin/env python3
"""Writes the recording of `cut-off-by-hand`: a country whose ways out are cut while it works inside.

    scenarios/tools/cut_off_by_hand.py

Both cables end in one landing station; it goes dark. Every prefix is withdrawn within seconds and
nobody outside reaches anything. Somebody inside reaches every host, the name servers and the sites
as ever, and nothing abroad. Nobody measured this: every line is drawn from the course below with a
fixed seed, so that the same script writes the same octets. Needs `zstd`.
"""

import datetime
import pathlib

from recording import Recording, route

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cut-off-by-hand"
BEGIN = datetime.datetime(2026, 2, 24, 3, 2, tzinfo=datetime.timezone.utc)
MINUTES = 75

# Name: AS, place, usual round trip to the country's hosts.
VANTAGES = {
    "hand-1": ("AS64496", "outside", 182_000),
    "hand-2": ("AS64499", "outside", 241_000),
    "hand-3": ("AS131279", "inside", 2_400),
}
HOSTS = [f"175.45.176.{last}" for last in (15, 16, 21, 22, 67, 69, 71, 73, 76, 81)]
HOSTS += ["175.45.178.129", "175.45.178.130"]
FAR = {"8.8.8.8": 9_000, "1.1.1.1": 4_000, "9.9.9.9": 14_000}
# The first router on the way of whoever is inside.
NEAR = {"175.45.179.1": 600}
PREFIXES = [f"175.45.{third}.0/24" for third in range(176, 180)]
PEERS = {"AS64496": "4837", "AS64497": "4837", "AS64498": "4837", "AS64499": "20485", "AS64500": "20485"}
NAME_SERVERS = {"ns1.kptc.kp": "175.45.176.15", "ns2.kptc.kp": "175.45.176.16"}
SITES = {"http://kcna.kp/": "175.45.176.71", "http://naenara.com.kp/": "175.45.176.67"}

# In minutes since the beginning.
CUT, SPLICED = 21.4, 63.7
# A router that sees the light go out tells the world within seconds.
WITHDRAWN_AFTER, ANNOUNCED_AFTER = 0.05, 0.6

TIMEOUT_US = 3_000_000
LOSS = {"outside": 0.005, "inside": 0.001}


def is_cut(minute):
    """Whether no packet crosses the border."""
    return CUT <= minute < SPLICED


def answers(recording, vantage, minute):
    """Whether a packet to a host and back gets through: from inside it never crosses the border."""
    place = VANTAGES[vantage][1]
    return not (place == "outside" and is_cut(minute)) and recording.chance.random() >= LOSS[place]


def rtt_us(recording, usual):
    """A round trip with some jitter."""
    return round(usual * recording.chance.uniform(0.98, 1.08))


def ping(recording, vantage, fact, body, got_through, usual, minute):
    """One echo request and what came of it."""
    if got_through:
        rtt = rtt_us(recording, usual)
        recording.add(minute, {fact: {**body, "reply": {"rtt_us": rtt}}}, vantage, rtt)
    else:
        recording.add(minute, {fact: {**body, "timeout": {"after_us": TIMEOUT_US}}}, vantage, TIMEOUT_US)


def ask_all(recording, vantage, minute):
    """A round of half a minute: hosts and controls."""
    asn, place, usual = VANTAGES[vantage]
    spread = lambda n, of: minute + (n + 0.5 * recording.chance.random()) / of / 2
    for n, host in enumerate(HOSTS):
        at = spread(n, len(HOSTS))
        body = {"target": host, "method": "icmp"}
        ping(recording, vantage, "probe", body, answers(recording, vantage, at), usual, at)
    for n, (address, far) in enumerate(FAR.items()):
        at = spread(n, len(FAR))
        body = {"kind": "far", "target": address, "method": "icmp"}
        crosses = place == "inside"
        through = not (crosses and is_cut(at)) and recording.chance.random() >= LOSS["outside"]
        ping(recording, vantage, "control", body, through, far + crosses * 90_000, at)
    if place == "inside":
        for address, near in NEAR.items():
            body = {"kind": "near", "target": address, "method": "icmp"}
            ping(recording, vantage, "control", body, True, near, spread(0, 1))


def ask_services(recording, vantage, minute):
    """One question to each name server, one visit to each site."""
    usual = VANTAGES[vantage][2]
    for n, server in enumerate(NAME_SERVERS):
        at = minute + 0.1 * n
        question = {"server": server, "zone": "kp", "transport": "udp"}
        if answers(recording, vantage, at):
            rtt = rtt_us(recording, usual)
            answer = {"rcode": "NOERROR", "aa": True, "serial": 2013083001, "rtt_us": rtt}
            recording.add(at, {"name": {**question, "answer": answer}}, vantage, rtt)
        else:
            recording.add(at, {"name": {**question, "error": "timeout"}}, vantage, TIMEOUT_US)
    for n, (site, address) in enumerate(SITES.items()):
        at = minute + 0.3 + 0.1 * n
        page = {"site": site, "address": address}
        if all(answers(recording, vantage, at) for _ in range(5)):
            rtt = rtt_us(recording, usual)
            times = {"connect": rtt, "request": 2 * rtt}
            recording.add(at, {"page": {**page, "stage": "status", "status": 200, "times_us": times}}, vantage, 3 * rtt)
        else:
            page.update(stage="connect", error="timeout", times_us={})
            recording.add(at, {"page": page}, vantage, 3 * TIMEOUT_US)


def routes(recording):
    """The tables at the start, the cut, and routes elsewhere that always change."""
    for peer, transit in PEERS.items():
        own = f"{peer[2:]} {transit} 131279"
        # A few seconds each, since routers tell each other in turn.
        delay = recording.chance.uniform(0.5, 8) / 60
        for prefix in PREFIXES:
            route(recording, peer, 0.0, prefix, own)
            route(recording, peer, CUT + WITHDRAWN_AFTER + delay, prefix, None)
            route(recording, peer, SPLICED + ANNOUNCED_AFTER + delay, prefix, own)
        for n in range(2 * MINUTES):
            detour = "64510" if n % 2 else f"{transit} 64510"
            route(recording, peer, n / 2 + recording.chance.uniform(0.01, 0.4), "198.18.0.0/24", f"{peer[2:]} {detour}")


def main():
    points = [{"id": name, "asn": asn, "place": place} for name, (asn, place, _) in VANTAGES.items()]
    recording = Recording(20260224, BEGIN, "scenarios/tools/cut_off_by_hand.py", points)
    routes(recording)
    for round_ in range(2 * MINUTES):
        for vantage in VANTAGES:
            ask_all(recording, vantage, round_ / 2)
            if round_ % 2 == 0:
                ask_services(recording, vantage, round_ / 2)
    for second in range(60 * MINUTES):
        recording.add(second / 60, {"tick": {}})
    recording.write(FOLDER / "observations.jsonl.zst")


if __name__ == "__main__":
    main()
