"""Recordings that are written by hand: lines with the time at which each became known. Needs `zstd`."""

import datetime
import json
import random
import subprocess


class Recording:
    """Lines with the time at which each became known; times are minutes since `begin`."""

    def __init__(self, seed, begin, made_by, vantage_points):
        self.chance = random.Random(seed)
        self.begin, self.made_by, self.vantage_points = begin, made_by, vantage_points
        self.lines = []

    def add(self, minute, fact, vantage=None, known_after_us=0):
        """A fact that happened at a minute and was known a little later."""
        micros = round(minute * 60e6)
        line = {"at": self.text(micros)}
        if vantage:
            line["vantage"] = vantage
        self.lines.append((micros + known_after_us, len(self.lines), {**line, **fact}))

    def write(self, path):
        """All lines behind the header, in the order in which they became known."""
        header = {
            "falter": "recording", "version": 1, "network": "kp", "from": self.text(0), "synthetic": True,
            "time_scale": 1, "made_by": self.made_by, "digests": {},
            "vantage_points": self.vantage_points, "starts_from": [],
        }
        lines = [header] + [line for _, _, line in sorted(self.lines, key=lambda known: known[:2])]
        octets = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
        path.parent.mkdir(exist_ok=True)
        subprocess.run(["zstd", "-q", "-19", "-f", "-o", path], input=octets, check=True)

    def text(self, micros):
        """RFC 3339, to the microsecond where needed."""
        moment = self.begin + datetime.timedelta(microseconds=micros)
        return moment.isoformat().replace("+00:00", "Z")


def route(recording, peer, minute, prefix, path):
    """A route of a peer, or its withdrawal where there is no path."""
    change = {"announce": {"path": path, "communities": []}} if path else {"withdraw": {}}
    address = f"203.0.113.{int(peer[2:]) - 64490}"
    fact = {"route": {"peer": {"asn": peer, "address": address}, "prefix": prefix, **change}}
    recording.add(minute, fact, "collector-1")
