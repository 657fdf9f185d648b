-- What people did about an incident, and what they were told of it.
CREATE TABLE telling (
    incident       INTEGER PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    acked_at       INTEGER,
    acked_severity TEXT,
    snoozed_until  INTEGER,
    told_at        INTEGER,
    told_severity  TEXT,
    end_told_at    INTEGER,
    why            TEXT,
    until          INTEGER,
    cause          INTEGER
) STRICT;
-- Those whose opening was told and whose end was not.
CREATE INDEX telling_unfinished ON telling (incident) WHERE told_at IS NOT NULL AND end_told_at IS NULL;
CREATE INDEX telling_cause ON telling (cause) WHERE cause IS NOT NULL;
CREATE INDEX incidents_key ON incidents (key, id);

-- What was promised to be told (JSON), and to whom.
CREATE TABLE alerts (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    incident INTEGER,
    thread   TEXT NOT NULL,
    moment   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    alert    TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_incident ON alerts (incident, id) WHERE incident IS NOT NULL;

CREATE TABLE deliveries (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    alert          INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    sink           TEXT NOT NULL,
    filed_at       INTEGER NOT NULL,
    tries          INTEGER NOT NULL DEFAULT 0,
    deferred_until INTEGER,
    alone          INTEGER NOT NULL DEFAULT 0,
    remark         TEXT,
    settled_at     INTEGER,
    outcome        TEXT
) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (sink, id) WHERE settled_at IS NULL;
CREATE INDEX deliveries_given_up ON deliveries (id) WHERE outcome = 'given-up';
CREATE INDEX deliveries_alert ON deliveries (alert);
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;

-- How each sink stands (JSON).
CREATE TABLE sinks (
    name        TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    standing    TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    greeted_at  INTEGER,
    digested_at INTEGER,
    remark      TEXT,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where at a sink a thread is: an issue's number, a message's id.
CREATE TABLE places (
    sink   TEXT NOT NULL,
    thread TEXT NOT NULL,
    place  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (sink, thread)
) STRICT, WITHOUT ROWID;
