#!/usr/bin/env python3
"""Writes the recording of `overload-by-hand`: an overload as the observers of January 2022 told it.

    scenarios/tools/overload_by_hand.py

Timeouts and loss first, then single servers, then the routers; routes flap at the pace of hold
times; then a quick clean return. Nobody measured this: every line is drawn from the course below
with a fixed seed, so that the same script writes the same octets. Needs `zstd`.
"""

import datetime
import pathlib

from recording import Recording, route

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "overload-by-hand"
BEGIN = datetime.datetime(2026, 2, 11, 20, 37, tzinfo=datetime.timezone.utc)
MINUTES = 60

VANTAGES = {"hand-1": ("AS64496", 182_000), "hand-2": ("AS64499", 241_000)}
HOSTS = [f"175.45.176.{last}" for last in (15, 16, 21, 22, 67, 69, 71, 73, 76, 81)]
HOSTS += ["175.45.178.129", "175.45.178.130"]
FAR = {"8.8.8.8": 9_000, "1.1.1.1": 4_000, "9.9.9.9": 14_000}
PREFIXES = [f"175.45.{third}.0/24" for third in range(176, 180)]
PEERS = {"AS64496": "4837", "AS64497": "4837", "AS64498": "4837", "AS64499": "20485", "AS64500": "20485"}
NAME_SERVERS = {"ns1.kptc.kp": "175.45.176.15", "ns2.kptc.kp": "175.45.176.16"}
SITES = {"http://kcna.kp/": "175.45.176.71", "http://naenara.com.kp/": "175.45.176.67"}

# The course, in minutes since the beginning. A hold time of three minutes passes between the last
# message that got through and the withdrawal.
LOAD_RISES, LOAD_FULL, LOAD_ENDS = 10.0, 16.0, 45.0
WITHDRAWN = [19.0, 26.2, 33.1, 40.2]
ANNOUNCED = [23.0, 30.0, 37.0, 45.4]
SERVERS_BACK = 46.0

TIMEOUT_US = 3_000_000
CALM_LOSS = 0.005


def load(minute):
    """How full the links are: 0 in calm, 1 where nothing gets through."""
    if not LOAD_RISES <= minute < LOAD_ENDS:
        return 0.0
    return min(1.0, (minute - LOAD_RISES) / (LOAD_FULL - LOAD_RISES))


def routed(minute):
    """Whether the world has routes to the country."""
    changes = [(at, False) for at in WITHDRAWN] + [(at, True) for at in ANNOUNCED]
    return max((c for c in changes if c[0] <= minute), default=(0, True))[1]


def server_up(host, minute):
    """Servers give up one after the other once the links are full, and return within a minute."""
    place = HOSTS.index(host) / len(HOSTS)
    return not LOAD_FULL - 1 + 2.5 * place <= minute < SERVERS_BACK - 0.6 * place


def answers(recording, host, minute):
    """Whether a packet to a host and back gets through."""
    lost = max(CALM_LOSS, load(minute) ** 1.5 * 0.98)
    return routed(minute) and server_up(host, minute) and recording.chance.random() >= lost


def rtt_us(recording, usual, minute):
    """Queues fill before packets are dropped: up to five times the usual."""
    return round(usual * (1 + 4 * load(minute)) * recording.chance.uniform(0.98, 1.08))


def probe(recording, vantage, host, minute):
    """One echo request to a host."""
    target = {"target": host, "method": "icmp"}
    if answers(recording, host, minute):
        rtt = rtt_us(recording, VANTAGES[vantage][1], minute)
        recording.add(minute, {"probe": {**target, "reply": {"rtt_us": rtt, "ttl": 47}}}, vantage, rtt)
    elif not routed(minute) and recording.chance.random() < 0.3:
        away = {"code": "net", "from": "203.0.113.9"}
        recording.add(minute, {"probe": {**target, "unreachable": away}}, vantage, 40_000)
    else:
        recording.add(minute, {"probe": {**target, "timeout": {"after_us": TIMEOUT_US}}}, vantage, TIMEOUT_US)


def control(recording, vantage, address, minute):
    """One echo request to a far control, which the overload doesn't touch."""
    target = {"kind": "far", "target": address, "method": "icmp"}
    if recording.chance.random() < CALM_LOSS:
        recording.add(minute, {"control": {**target, "timeout": {"after_us": TIMEOUT_US}}}, vantage, TIMEOUT_US)
    else:
        rtt = rtt_us(recording, FAR[address], 0.0)
        recording.add(minute, {"control": {**target, "reply": {"rtt_us": rtt}}}, vantage, rtt)


def ask(recording, vantage, server, minute):
    """One question to a name server, over UDP."""
    question = {"server": server, "zone": "kp", "transport": "udp"}
    if answers(recording, NAME_SERVERS[server], minute):
        rtt = rtt_us(recording, VANTAGES[vantage][1], minute)
        answer = {"rcode": "NOERROR", "aa": True, "serial": 2013083001, "rtt_us": rtt}
        recording.add(minute, {"name": {**question, "answer": answer}}, vantage, rtt)
    else:
        recording.add(minute, {"name": {**question, "error": "timeout"}}, vantage, TIMEOUT_US)


def visit(recording, vantage, site, minute):
    """One visit to a web site, which takes five packets to get through."""
    page = {"site": site, "address": SITES[site]}
    if all(answers(recording, SITES[site], minute) for _ in range(5)):
        rtt = rtt_us(recording, VANTAGES[vantage][1], minute)
        times = {"connect": rtt, "request": 2 * rtt}
        recording.add(minute, {"page": {**page, "stage": "status", "status": 200, "times_us": times}}, vantage, 3 * rtt)
    else:
        page.update(stage="connect", error="timeout", times_us={})
        recording.add(minute, {"page": page}, vantage, 3 * TIMEOUT_US)


def routes(recording):
    """The tables at the start, the country's flaps, and routes elsewhere that always change."""
    for peer, transit in PEERS.items():
        own = f"{peer[2:]} {transit} 131279"
        for prefix in PREFIXES:
            route(recording, peer, 0.0, prefix, own)
        for gone, back in zip(WITHDRAWN, ANNOUNCED):
            # A few seconds each, since routers tell each other in turn.
            delay = recording.chance.uniform(0.5, 8) / 60
            for prefix in PREFIXES:
                route(recording, peer, gone + delay, prefix, None)
            for prefix in PREFIXES:
                route(recording, peer, back + delay, prefix, own)
        for n in range(2 * MINUTES):
            detour = "64510" if n % 2 else f"{transit} 64510"
            route(recording, peer, n / 2 + recording.chance.uniform(0.01, 0.4), "198.18.0.0/24", f"{peer[2:]} {detour}")


def main():
    points = [{"id": name, "asn": asn, "place": "outside"} for name, (asn, _) in VANTAGES.items()]
    recording = Recording(20260211, BEGIN, "scenarios/tools/overload_by_hand.py", points)
    routes(recording)
    for step in range(6 * MINUTES):
        for vantage in VANTAGES:
            # Ten seconds a round, the targets spread over it.
            spread = lambda n, of: (step + (n + 0.5 * recording.chance.random()) / of) / 6
            for n, host in enumerate(HOSTS):
                probe(recording, vantage, host, spread(n, len(HOSTS)))
            for n, address in enumerate(FAR):
                control(recording, vantage, address, spread(n, len(FAR)))
            if step % 3 == 0:
                for n, server in enumerate(NAME_SERVERS):
                    ask(recording, vantage, server, spread(n, len(NAME_SERVERS)))
            if step % 6 == 0:
                for n, site in enumerate(SITES):
                    visit(recording, vantage, site, spread(n, len(SITES)))
    for second in range(60 * MINUTES):
        recording.add(second / 60, {"tick": {}})
    recording.write(FOLDER / "observations.jsonl.zst")


if __name__ == "__main__":
    main()
