"""MRT records moved onto a calendar: a run of minutes becomes one of hours.

BIRD stamps its updates with whole seconds, which is too coarse once a second becomes a minute. So
`Watch` looks at the files while they grow and remembers when each octet was there; a record's time
is when its end was. Updates are written as BGP4MP_ET (RFC 6396, section 3), with microseconds.
"""

import bisect
import pathlib
import struct
import threading
import time

TABLE_DUMP_V2, BGP4MP, BGP4MP_ET = 13, 16, 17
RIB_IPV4_UNICAST = 2
HEADER = struct.Struct(">IHHI")

# Seconds between two looks at a growing file: what the times of updates are good to.
LOOK_EVERY = 0.01


class Watch(threading.Thread):
    """Remembers how long a file was when; goes on until `stop`."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = pathlib.Path(path)
        self.times, self.lengths = [], []
        self._over = threading.Event()
        self.start()

    def run(self):
        while not self._over.wait(LOOK_EVERY):
            length = self.path.stat().st_size if self.path.exists() else 0
            if length > (self.lengths[-1] if self.lengths else 0):
                self.times.append(time.time())
                self.lengths.append(length)

    def stop(self):
        self._over.set()
        self.join()

    def when(self, length):
        """When the file was first seen with at least this many octets."""
        return self.times[bisect.bisect_left(self.lengths, length)]


def records(octets):
    """(offset of its end, second, type, subtype, body) of each record; a cut-off last one is left out."""
    at = 0
    while at + HEADER.size <= len(octets):
        second, kind, subtype, length = HEADER.unpack_from(octets, at)
        end = at + HEADER.size + length
        if end > len(octets):
            return
        yield end, second, kind, subtype, octets[at + HEADER.size:end]
        at = end


def restamp_updates(octets, watch, since, until, there):
    """The updates of the run's time [since, until), at the times that `there` maps theirs to."""
    out = []
    for end, second, kind, subtype, body in records(octets):
        if kind != BGP4MP or end > watch.lengths[-1]:
            continue
        at = watch.when(end)
        if abs(at - second) > 2:
            raise SystemExit(f"a record of {second} was seen at {at}: this machine was too busy, record again")
        if since <= at < until:
            seconds, micros = divmod(round(there(at) * 1e6), 1_000_000)
            out.append(HEADER.pack(seconds, BGP4MP_ET, subtype, len(body) + 4) + struct.pack(">I", micros) + body)
    return b"".join(out)


def restamp_table(octets, there):
    """A table dump (TABLE_DUMP_V2) at the time that `there` maps its own to."""
    out = []
    for _, second, kind, subtype, body in records(octets):
        if kind == TABLE_DUMP_V2 and subtype == RIB_IPV4_UNICAST:
            body = restamp_entries(body, there)
        out.append(HEADER.pack(int(there(second)), kind, subtype, len(body)) + body)
    return b"".join(out)


def restamp_entries(body, there):
    """A RIB record whose entries' originated times are mapped too (RFC 6396, section 4.3.4)."""
    at = 5 + (body[4] + 7) // 8
    (count,) = struct.unpack_from(">H", body, at)
    at += 2
    body = bytearray(body)
    for _ in range(count):
        peer, originated, length = struct.unpack_from(">HIH", body, at)
        struct.pack_into(">HIH", body, at, peer, int(there(originated)), length)
        at += 8 + length
    return bytes(body)
