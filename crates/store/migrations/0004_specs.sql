-- What an agent's container was made of when it was last seen alive (JSON; it holds secrets).
CREATE TABLE specs (
    agent      TEXT PRIMARY KEY,
    learned_at INTEGER NOT NULL,
    run        TEXT NOT NULL,
    spec       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
