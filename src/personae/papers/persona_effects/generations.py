"""Replies as the authors stored them: ``MODEL/TASK/PERSONA.json``, a list of ``[{"generated_text": ...}]``.

They are read where a folder has no table of their answers. Statements of attitudes, and which of them are reversed, are
in the authors' ``data/attitude_questions.json``, which is looked for in the folders above; options of TruthfulQA in the
file of ``-P truthful=``. What of MMLU and BBQ was right cannot be told from replies: whether they have an answer, hedge
or refuse is counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument.tasks import Heard
from personae.papers.persona_effects.answers import Reading, read_reply
from personae.papers.persona_effects.items import orders_of, read_truthful
from personae.papers.persona_effects.settings import EffectSettings
from personae.papers.persona_effects.stored import TASK_OF

FOLDERS = {"truthfulqa": "truthfulqa", "mmlu": "mmlu", "bbq": "bbq", "toxicity": "off", "attitudes": "attitude"}
"""Folder of replies, and how the tables of the same task begin."""
QUESTIONS = "attitude_questions.json"
WORDINGS = 30
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OPTIONS = {"mmlu": 4, "bbq": 3}
_EXTRA = "attitudes_extra"


def read_generations(
    folder: Path, settings: EffectSettings, warnings: list[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows by persona and task of the replies in one model's folder, for tasks without tables of their answers.

    Raises:
        InputError: If a file holds no replies, or as many as no task has.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name, begin in FOLDERS.items():
        paths = sorted((folder / name).glob("*.json"))
        if not paths or any(folder.glob(f"{begin}_*.csv")):
            continue
        task = TASK_OF[begin]
        if name == "attitudes" and (questions := _questions(folder)) is None:
            warnings.append(f"{folder / name}: needs data/{QUESTIONS} of the authors; left out")
            continue
        if name == "truthfulqa" and settings.truthful is None:
            warnings.append(
                f"{folder / name}: right answers are not told without -P truthful=mc_task.json; counted only"
            )
        for path in paths:
            texts = _texts(path)
            if name == "attitudes":
                extra = folder / _EXTRA / path.name
                row = _attitudes(texts, _texts(extra) if extra.is_file() else [], questions or [], path)
            elif name == "toxicity":
                row = _toxicity(texts, path)
            elif name == "truthfulqa" and settings.truthful is not None:
                row = _truthful(texts, settings.truthful, settings.order_seed, path)
            else:
                row = _counted([_read(text, _OPTIONS.get(name, 4)) for text in texts])
            found[path.stem, task] = row
    return found


def _texts(path: Path) -> list[str]:
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"))
        return [str((one[0] if isinstance(one, list) else one)["generated_text"]) for one in read]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(
            f"holds no replies ({type(error).__name__})",
            where=str(path),
            remedy='give [[{"generated_text": ...}], ...]',
        ) from error


def _read(text: str, options: int, *, labels: Sequence[str] = ()) -> Reading:
    marks = _LETTERS[:options]
    return read_reply(Heard(text, "ok" if text.strip() else "empty"), marks, labels or [""] * options)


def _rated(text: str) -> Reading:
    return read_reply(Heard(text, "ok" if text.strip() else "empty"), "12345", [""] * 5)


def _counted(readings: Sequence[Reading]) -> dict[str, Any]:
    hits = {
        "defaulted": sum(not one.extracted for one in readings),
        "hedged": sum(one.hedged for one in readings),
        "refused": sum(one.status == "refused" for one in readings),
    }
    return {
        f"{name}.{part}": value for name, hit in hits.items() for part, value in (("count", hit), ("of", len(readings)))
    }


def _columns(
    items: list[str], sets: list[str], readings: Sequence[Reading], worth: Sequence[Sequence[float]]
) -> dict[str, Any]:
    """Columns of single answers; ``worth`` is what each option of each item is worth."""
    pairs = list(zip(readings, worth, strict=True))
    return {
        "items": items,
        "sets": sets,
        "published": [values[one.published] for one, values in pairs],
        "score": [None if one.chosen is None else values[one.chosen] for one, values in pairs],
        "extracted": [one.extracted for one in readings],
        "hedged": [one.hedged for one in readings],
        "statuses": [one.status for one in readings],
    }


def _toxicity(texts: Sequence[str], path: Path) -> dict[str, Any]:
    if len(texts) % 2:
        raise InputError(f"has {len(texts)} replies", where=str(path), remedy="each text is rated twice")
    half = len(texts) // 2
    items = [f"{begin}/{number}" for begin in ("off", "rac") for number in range(half)]
    sets = ["offensive"] * half + ["racist"] * half
    return _columns(items, sets, [_rated(text) for text in texts], [range(1, 6)] * len(texts))


def _questions(folder: Path) -> list[tuple[str, str, bool]] | None:
    """Key, attitude and whether it is reversed, of each statement in the authors' order."""
    for place in (folder, *list(folder.absolute().parents)[:4]):
        for path in (place / "data" / QUESTIONS, place / QUESTIONS):
            if path.is_file():
                return _statements(path)
    return None


def _statements(path: Path) -> list[tuple[str, str, bool]]:
    try:
        return [
            (f"attitude/{one['attitude']}/{number}", str(one["attitude"]), number in one["reverse"])
            for one in json.loads(path.read_text(encoding="utf-8-sig"))
            for number in range(len(one["statements"]))
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"holds no questions ({type(error).__name__})", where=str(path), remedy="give the authors' file"
        ) from error


def _attitudes(
    texts: Sequence[str], extra: Sequence[str], questions: Sequence[tuple[str, str, bool]], path: Path
) -> dict[str, Any]:
    if len(texts) != len(questions) or (extra and len(extra) != WORDINGS * len(questions)):
        raise InputError(
            f"has {len(texts)} and {len(extra)} replies to {len(questions)} statements",
            where=str(path),
            remedy=f"give a reply a statement, and {WORDINGS} in {_EXTRA}",
        )
    rows = []
    for place, (key, attitude, is_reversed) in enumerate(questions):
        wordings = [texts[place], *extra[place * WORDINGS : (place + 1) * WORDINGS]]
        worth = range(5, 0, -1) if is_reversed else range(1, 6)
        rows += [(f"{key}/{number}", attitude, _rated(text), worth) for number, text in enumerate(wordings)]
    items, sets, readings, worths = (list(column) for column in zip(*rows, strict=True))
    return _columns(items, sets, readings, worths)


def _truthful(texts: Sequence[str], data: Path, seed: int, path: Path) -> dict[str, Any]:
    items = read_truthful(data)
    if len(items) != len(texts):
        raise InputError(
            f"has {len(texts)} replies to the {len(items)} questions of {data}", where=str(path), remedy="give the same"
        )
    readings, worth = [], []
    for text, one, order in zip(texts, items, orders_of(items, seed), strict=True):
        readings.append(_read(text, len(order), labels=[one.options[place] for place in order]))
        worth.append([float(place == one.correct) for place in order])
    return _columns([one.key for one in items], [one.subject for one in items], readings, worth)
