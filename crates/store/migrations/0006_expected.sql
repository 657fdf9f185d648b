-- Series of an agent whose silence somebody has called no news.
CREATE TABLE expected (
    agent  TEXT NOT NULL,
    series TEXT NOT NULL,
    since  INTEGER NOT NULL,
    PRIMARY KEY (agent, series)
) STRICT, WITHOUT ROWID;
