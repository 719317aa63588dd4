"""What every replay of a paper ends with; a run ends with :func:`personae.study.conclude.conclude_run`."""

from __future__ import annotations

from personae.canonical import content_hash
from personae.papers.paper import Paper, Replay
from personae.study import RunFolder, versions, write_json
from personae.study.conclude import SCHEMA_VERSION, Conclusion, conclude
from personae.study.record import now


def conclude_replay(paper: Paper, replay: Replay, folder: RunFolder) -> Conclusion:
    """Measure published raw outputs, and write table, findings and report."""
    record = {
        "schema_version": SCHEMA_VERSION,
        "replay": paper.key,
        "fingerprint": content_hash([paper.key, replay.table.write_json()]),
        "created": now(),
        "versions": versions(),
        "parameters": {**replay.study.parameters, **replay.sources},
        "models": {},
    }
    write_json(folder.record_file, record)
    return conclude(paper, replay.study, folder, replay.table, record)
