-- Times are microseconds since 1970 UTC.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- What each result rests on. Key: a digest over network, digests and inputs, so that the same replay
-- is one row however often it is saved.
CREATE TABLE replays (
    id             INTEGER PRIMARY KEY,
    key            BLOB NOT NULL UNIQUE,
    network        TEXT,
    from_us        INTEGER,
    until_us       INTEGER,
    profile_digest TEXT,
    config_digest  TEXT NOT NULL,
    fit_digest     TEXT NOT NULL
);

CREATE TABLE inputs (
    replay       INTEGER NOT NULL REFERENCES replays (id),
    path         TEXT NOT NULL,
    digest       TEXT NOT NULL,
    offset_octet INTEGER NOT NULL,
    PRIMARY KEY (replay, path, digest)
) WITHOUT ROWID;

-- The document is the outage whole, as `falter replay --json` prints it; the columns repeat what is
-- asked for. Replay: the one that wrote the document.
CREATE TABLE outages (
    id          TEXT PRIMARY KEY,
    family      TEXT NOT NULL,
    entity      TEXT NOT NULL,
    from_us     INTEGER NOT NULL,
    until_us    INTEGER,
    state       TEXT NOT NULL,
    cause       TEXT,
    probability REAL,
    document    TEXT NOT NULL,
    replay      INTEGER NOT NULL REFERENCES replays (id)
);
CREATE INDEX outages_by_onset ON outages (from_us, id);
CREATE INDEX outages_by_entity ON outages (entity, from_us);

-- A row whenever a kept verdict changed, oldest first.
CREATE TABLE verdicts (
    id       INTEGER PRIMARY KEY,
    outage   TEXT NOT NULL REFERENCES outages (id),
    document TEXT NOT NULL,
    replay   INTEGER NOT NULL REFERENCES replays (id)
);
CREATE INDEX verdicts_by_outage ON verdicts (outage, id);

CREATE TABLE series (
    id      INTEGER PRIMARY KEY,
    entity  TEXT NOT NULL,
    signal  TEXT NOT NULL,
    step_us INTEGER NOT NULL,
    UNIQUE (entity, signal, step_us)
);

-- A day (UTC, days since 1970) of a series: how many points, and the points packed.
CREATE TABLE chunks (
    series INTEGER NOT NULL REFERENCES series (id),
    day    INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (series, day)
) WITHOUT ROWID;

CREATE TABLE blind (
    entity   TEXT NOT NULL,
    vantage  TEXT NOT NULL,
    from_us  INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    why      TEXT NOT NULL,
    PRIMARY KEY (entity, from_us, until_us, vantage, why)
) WITHOUT ROWID;
