-- All instants are UTC milliseconds. JSON columns are opaque here.
PRAGMA application_id = 0x53574550; -- "SWEP"

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A version 4 UUID, made once: labels of containers carry it.
INSERT INTO meta (key, value)
SELECT 'install', lower(
    hex(substr(r, 1, 4)) || '-' || hex(substr(r, 5, 2)) || '-4' || substr(hex(substr(r, 7, 2)), 2)
    || '-a' || substr(hex(substr(r, 9, 2)), 2) || '-' || hex(substr(r, 11, 6)))
FROM (SELECT randomblob(16) AS r);

CREATE TABLE agents (
    agent      TEXT PRIMARY KEY,
    source     TEXT NOT NULL,
    memory     TEXT NOT NULL,
    facts      TEXT,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
    name            TEXT PRIMARY KEY,
    last_good_count INTEGER,
    memory          TEXT NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clock (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    boot_id   TEXT NOT NULL,
    realtime  INTEGER NOT NULL,
    boottime  INTEGER NOT NULL,
    monotonic INTEGER NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

CREATE TABLE intents (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    agent      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    payload    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    settled_at INTEGER,
    outcome    TEXT
) STRICT;
CREATE INDEX intents_open ON intents (agent, id) WHERE settled_at IS NULL;
CREATE INDEX intents_settled ON intents (settled_at) WHERE settled_at IS NOT NULL;

CREATE TABLE incidents (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    key          TEXT NOT NULL,
    kind         TEXT NOT NULL,
    severity     TEXT NOT NULL,
    agent        TEXT,
    source       TEXT,
    summary      TEXT NOT NULL,
    evidence     TEXT NOT NULL,
    opened_at    INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    good_looks   INTEGER NOT NULL DEFAULT 0,
    resolved_at  INTEGER,
    resolution   TEXT
) STRICT;
CREATE UNIQUE INDEX incidents_open ON incidents (key) WHERE resolved_at IS NULL;
CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE events (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    agent       TEXT,
    source      TEXT,
    incarnation TEXT,
    data        TEXT NOT NULL
) STRICT;
CREATE INDEX events_agent ON events (agent, seq) WHERE agent IS NOT NULL;

CREATE TABLE decisions (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    agent    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    action   TEXT NOT NULL,
    inputs   TEXT NOT NULL,
    decision TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_agent ON decisions (agent, id);
