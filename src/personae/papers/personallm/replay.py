"""Reading what the authors published: ``outputs/<model>/temp<t>/bfi/*.json`` and ``writing/*.json``.

Each file has ``persona_encoding``, ``iteration`` and ``annotation``, the reply as it came. Replies go through the same
answer parser as a fresh run. The score files that were published beside them are held against what we compute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError
from personae.instrument import Administration, AnswerReader, Instrument, show_options
from personae.instrument.administration import letters
from personae.model import worst_status
from personae.papers.paper import Replay
from personae.papers.personallm.prompts import story_status
from personae.papers.personallm.settings import PersonaLLMSettings
from personae.papers.personallm.stored import StoredScores, find_stored, read_stored_scores
from personae.papers.personallm.study import INSTRUMENT, PersonaLLM
from personae.papers.personallm.types import poles_of
from personae.persona import BIG_FIVE, trait_title

_LFS = b"version https://git-lfs"
_FILE = re.compile(r"(?P<code>[a-z]+(?:_[a-z]+){4})_p(?P<run>\d+)\.json")
_TEMPERATURE = re.compile(r"temp(?P<value>\d+(?:\.\d+)?)")


@dataclass(slots=True)
class _Reader:
    """Reads one folder, remembering what could not be used."""

    root: Path
    instrument: Instrument
    stored: Mapping[str, StoredScores]
    warnings: list[str] = field(default_factory=list)
    pointers: int = 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row a respondent."""
        outputs = self.root / "outputs"
        for folder in sorted((outputs if outputs.is_dir() else self.root).glob("*/temp*/bfi")):
            temperature = _TEMPERATURE.fullmatch(folder.parent.name)
            if temperature is None:
                self.warnings.append(f"{folder.parent}: no temperature in the name of the folder; left out")
                continue
            model, value = folder.parents[1].name, float(temperature["value"])
            scores = find_stored(self.stored, model) or {}
            for path in sorted(folder.glob("*.json")):
                row = self._respondent(path)
                if row is not None:
                    known = scores.get((row["type"], row["replicate"]), {})
                    stored = {f"stored.{trait_title(trait)}": known.get(trait) for trait in BIG_FIVE} if scores else {}
                    yield {"model": model, "temperature": value, **row, **stored}

    def _respondent(self, path: Path) -> dict[str, Any] | None:
        named = _FILE.fullmatch(path.name)
        if named is None:
            self.warnings.append(f"{path}: the name is not TYPE_pNUMBER.json; left out")
            return None
        try:
            poles_of(named["code"])
        except InputError as error:
            self.warnings.append(f"{path}: {error.what}; left out")
            return None
        text, fault = self._annotation(path)
        story_text, story_fault = self._annotation(path.parents[1] / "writing" / path.name)
        row: dict[str, Any] = {
            "cell": f"{path.parents[2].name}/{path.parents[1].name}/{path.stem}",
            "condition": "main",
            "type": named["code"],
            "replicate": int(named["run"]),
            **self._answers(text, fault),
        }
        if story_text is not None or story_fault != "absent":
            status = "failed" if story_text is None else story_status(story_text)
            row.update({"story": story_text if status == "ok" else None, "story.status": status})
        return row

    def _answers(self, text: str | None, fault: str) -> dict[str, Any]:
        count = len(self.instrument.item_ids)
        if text is None:
            return {
                "status": "failed",
                "detail": fault,
                "answers": [None] * count,
                "answers.statuses": ["failed"] * count,
                "answers.contradictory": [False] * count,
                "attempts.statuses": ["failed"],
            }
        reader = AnswerReader(show_options(self.instrument, Administration()))
        answers = reader.read_sheet(text, [letters(index) for index in range(count)])
        status = worst_status(answer.status for answer in answers)
        return {
            "status": status,
            "detail": "",
            "answers": [answer.value for answer in answers],
            "answers.statuses": [answer.status for answer in answers],
            "answers.contradictory": [answer.is_contradictory for answer in answers],
            "attempts.statuses": [status],
        }

    def _annotation(self, path: Path) -> tuple[str | None, str]:
        """The reply in a file, or why there is none."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None, "absent"
        except OSError as error:
            self.warnings.append(f"{path}: cannot be read ({error.strerror})")
            return None, "cannot be read"
        if data.startswith(_LFS):
            self.pointers += 1
            return None, "the file is a git-LFS pointer, not the data"
        try:
            text = orjson.loads(data)["annotation"]
        except (ValueError, KeyError, TypeError) as error:
            self.warnings.append(f"{path}: no reply in it ({type(error).__name__})")
            return None, "no reply in the file"
        if not isinstance(text, str):
            self.warnings.append(f"{path}: the reply is no text")
            return None, "no reply in the file"
        return text, ""


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the authors' raw outputs.

    Raises:
        InputError: If the folder does not hold outputs in this layout.
    """
    study = PersonaLLM(PersonaLLMSettings.read(given))
    reader = _Reader(folder, study.instrument, read_stored_scores(folder))
    rows = list(reader.rows())
    if not rows:
        raise InputError(
            "holds no outputs of PersonaLLM",
            where=str(folder),
            remedy="the layout is outputs/MODEL/temp0.7/bfi/TYPE_p1.json",
        )
    import polars as pl

    table = pl.from_dicts(rows, infer_schema_length=None)
    if reader.pointers:
        reader.warnings.append(
            f"{reader.pointers} files are git-LFS pointers, not data, and count as failed; git lfs pull fetches them"
        )
    source = folder / "SOURCE.txt"
    note = source.read_text(encoding="utf-8", errors="replace").strip() if source.is_file() else ""
    sources = {"files": str(len(rows)), "instrument": INSTRUMENT, "source": note}
    return Replay(table, study, sources, tuple(reader.warnings))
