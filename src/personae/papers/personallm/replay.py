"""Reading what the authors published: ``outputs/<model>/temp<t>/bfi/*.json`` and ``writing/*.json``.

Each file has ``persona_encoding``, ``iteration`` and ``annotation``, the reply as it came. Runs in which the persona
has a gender lie at ``outputs/gender_bfi/temp<t>/run<n>/<gender>/*.json``, with the reply in ``text``. Replies go
through the same answer parser as a fresh run. The score files published beside them are held against what we compute.
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
from personae.papers.personallm.types import whole_code
from personae.persona import BIG_FIVE, trait_title

_LFS = b"version https://git-lfs"
_FILE = re.compile(r"(?P<code>[a-z]+(?:_[a-z]+){4})_p(?P<run>\d+)\.json")
_RUN = re.compile(r"run(?P<run>\d+)")
_REPLY = ("annotation", "text")
_BESIDE = "writing"
_FOLDERS = ("*/temp*/bfi", "*/temp*/run*/*")
"""Where questionnaires lie below the outputs: of a model, and of each run and gender."""
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
        outputs = outputs if outputs.is_dir() else self.root
        read = set()
        for folder in sorted(one for pattern in _FOLDERS for one in outputs.glob(pattern) if one.is_dir()):
            parts = folder.relative_to(outputs).parts
            gender = "" if parts[-1] == "bfi" else parts[-1]
            temperature, run = _TEMPERATURE.fullmatch(parts[1]), _RUN.fullmatch(parts[2])
            if temperature is None or (gender and run is None):
                lacks = "temperature" if temperature is None else "number of a run"
                self.warnings.append(f"{folder}: no {lacks} in the name of the folder; left out")
                continue
            model, value = "/".join(filter(None, (parts[0], gender))), float(temperature["value"])
            scores = find_stored(self.stored, model) or {}
            for path in sorted(folder.glob("*.json")):
                row = self._respondent(path, int(run["run"]) if run else None)
                if row is not None:
                    read.add(parts[0])
                    known = scores.get((row["type"], row["replicate"]), {})
                    stored = {f"stored.{trait_title(trait)}": known.get(trait) for trait in BIG_FIVE} if scores else {}
                    cell = path.relative_to(outputs).with_suffix("").as_posix().replace("/bfi/", "/")
                    yield {"model": model, "temperature": value, "cell": cell, **row, **stored}
            self._stories_alone(folder)
        for folder in sorted(outputs.iterdir()) if outputs.is_dir() else ():
            if folder.is_dir() and folder.name not in read and outputs != self.root:
                self.warnings.append(f"{folder}: holds no answers to the questionnaire; left out")

    def _stories_alone(self, folder: Path) -> None:
        """Say which stories belong to no questionnaire."""
        stories = {path.name for path in (folder.parent / _BESIDE).glob("*.json")}
        alone = sorted(stories - {path.name for path in folder.glob("*.json")}) if folder.name == "bfi" else []
        if alone:
            said = f"stories that have no questionnaire beside them: {len(alone)} ({alone[0]} first)"
            self.warnings.append(f"{folder.parent / _BESIDE}: {said}; left out")

    def _respondent(self, path: Path, run: int | None) -> dict[str, Any] | None:
        """What a file holds of a respondent: the name gives the type, and the number where the folder does not."""
        named = _FILE.fullmatch(path.name if run is None else f"{path.stem}_p{run}.json")
        if named is None:
            self.warnings.append(f"{path}: the name is not TYPE_pNUMBER.json; left out")
            return None
        try:
            code = whole_code(named["code"])
        except InputError as error:
            self.warnings.append(f"{path}: {error.what}; left out")
            return None
        text, fault = self._annotation(path)
        beside = path.parents[1] / _BESIDE / path.name
        story_text, story_fault = self._annotation(beside) if run is None else (None, "absent")
        row: dict[str, Any] = {
            "condition": "main",
            "type": code,
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
            fields = orjson.loads(data)
            text = fields[next((key for key in _REPLY if key in fields), _REPLY[0])]
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
            f"holds no outputs of PersonaLLM{' (' + reader.warnings[0] + ')' if reader.warnings else ''}",
            where=str(folder),
            remedy="the layout is outputs/MODEL/temp0.7/bfi/TYPE_p1.json, or run1/GENDER/TYPE.json in place of bfi/…",
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
