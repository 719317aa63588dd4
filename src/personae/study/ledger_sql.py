"""How the ledger in SQLite is laid out, and what is asked of it, in SQL."""

from __future__ import annotations

SCHEMA_VERSION = 2

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}') ON CONFLICT (key) DO NOTHING;
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    cell TEXT NOT NULL,
    key TEXT NOT NULL,             -- hash of role, identity of the model, and the whole request
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    request TEXT NOT NULL,         -- JSON
    reply TEXT,                    -- JSON; NULL if the call failed
    error TEXT NOT NULL,           -- why it failed
    input_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    cost REAL,                     -- US dollars; NULL if the price is not known
    seconds REAL NOT NULL,
    finished REAL NOT NULL         -- seconds since 1970
);
-- Keys are random, and an index on them costs a page of disk for each row. A narrow table in the order of the calls is
-- read through in a fraction of a second for a million of them, and written for nothing.
CREATE TABLE IF NOT EXISTS call_cells (id INTEGER PRIMARY KEY, cell TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS note_cell AFTER INSERT ON calls
    BEGIN INSERT OR IGNORE INTO call_cells VALUES (new.id, new.cell); END;
CREATE TABLE IF NOT EXISTS observations (
    id INTEGER PRIMARY KEY,
    cell TEXT NOT NULL,
    status TEXT NOT NULL,
    detail TEXT NOT NULL,
    factors TEXT NOT NULL,         -- JSON
    "values" TEXT NOT NULL,        -- JSON
    transcript TEXT NOT NULL,      -- JSON
    finished REAL NOT NULL
);
"""

LATEST = "FROM observations WHERE id IN (SELECT max(id) FROM observations GROUP BY cell)"

COPIED = (
    (
        "calls",
        "cell, key, role, model, request, reply, error, input_tokens, cached_tokens, output_tokens, reasoning_tokens,"
        " cost, seconds, finished",
        "old.cell = new.cell AND old.key = new.key AND old.finished = new.finished",
    ),
    (
        "observations",
        'cell, status, detail, factors, "values", transcript, finished',
        "old.cell = new.cell AND (old.finished = new.finished OR (new.status = 'failed' AND old.status <> 'failed'))",
    ),
)
"""Tables, what is copied of them, and when a row is not: it is there, or is a failure of what succeeded here."""

FAILED_LAST = """
SELECT cell FROM (
    SELECT cell, status, max(id) FROM observations
    WHERE cell IN (SELECT cell FROM observations WHERE status = 'failed') GROUP BY cell
) WHERE status = 'failed'
"""

CALL_COLUMNS: dict[str, type] = {
    "id": int,
    "cell": str,
    "role": str,
    "model": str,
    "text": str,
    "finish": str,
    "is_cached": bool,
    "error": str,
    "input_tokens": int,
    "cached_tokens": int,
    "output_tokens": int,
    "reasoning_tokens": int,
    "cost": float,
    "seconds": float,
    "finished": float,
    "key": str,
    "request": str,
    "reply": str,
}
"""Fields of ``call_rows``: those of the table ``calls``, and what is asked of a reply most often."""

CALLS = """
SELECT id, cell, role, model, reply ->> 'text', reply ->> 'finish', reply ->> 'is_cached', error, input_tokens,
    cached_tokens, output_tokens, reasoning_tokens, cost, seconds, finished, key, request, reply
FROM calls ORDER BY id
"""

FACTORS = "SELECT DISTINCT key FROM observations, json_each(observations.factors)"

EXPERIENCE = """
SELECT role, json_array_length(request, '$.messages') AS turns, request ->> 'schema' IS NOT NULL AS has_schema,
    count(*), sum((SELECT sum(length(value ->> 'content')) FROM json_each(request, '$.messages'))), sum(input_tokens),
    max(output_tokens)
FROM (SELECT * FROM calls WHERE reply IS NOT NULL ORDER BY id DESC LIMIT 1000) GROUP BY role, turns, has_schema
"""

SPENDING = """
SELECT {part} AS part, count(*), sum(coalesce(reply ->> 'is_cached', 0)), sum(reply IS NULL), sum(input_tokens),
    sum(cached_tokens), sum(output_tokens), sum(reasoning_tokens), coalesce(sum(cost), 0.0),
    sum(reply IS NOT NULL AND cost IS NULL)
FROM calls {join} GROUP BY part ORDER BY sum(cost) DESC, sum(input_tokens + output_tokens) DESC, part
"""
