-- Who is left alone by somebody's order: `*`, a source, or an agent.
CREATE TABLE pauses (
    scope TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    until INTEGER
) STRICT, WITHOUT ROWID;
