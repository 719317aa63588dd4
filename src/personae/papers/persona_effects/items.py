"""Items of the five tasks: ours, or TruthfulQA, MMLU and BBQ in the files that they are published as."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.instrument.tasks import Stimuli, load_stimuli

TASKS = ("truthful", "mmlu", "bbq", "attitudes", "toxicity")
CHOICES = ("truthful", "mmlu", "bbq")
"""Tasks with one right option."""

_GROUPS = {"gender_identity": "gender", "race_ethnicity": "race", "ses": "class", "sexual_orientation": "orientation"}
"""Categories of BBQ under the names of the categories of personas."""


class TaskItem(BaseModel):
    """One item of a task."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: Literal["truthful", "mmlu", "bbq", "attitudes", "toxicity"]
    key: str
    subject: str = "all"
    """Subject of MMLU, group of BBQ, scale of attitudes, quality that a text is rated for."""
    question: str
    options: tuple[str, ...] = ()
    correct: int = 0
    unknown: int | None = None
    """BBQ: the option that says that nobody can know."""
    target: int | None = None
    """BBQ: the option that names the group which the stereotype is about."""
    ambiguous: bool = False
    negative: bool = True
    reverse: bool = False
    asks: Literal["agreement", "importance"] = "agreement"
    """Attitudes: whether one agrees with a statement, or how important a value is to one."""
    paraphrases: tuple[str, ...] = ()
    raters: dict[str, float] = Field(default_factory=dict)
    """Toxicity: mean rating of the annotators of each group, by the word of a persona: ``{"woman": 3.2}``."""


class TaskStimuli(Stimuli):
    """A file of items."""

    items: tuple[TaskItem, ...] = Field(min_length=2)


@lru_cache(maxsize=4)
def read_items(path: Path | None) -> TaskStimuli:
    """Items of a file, or ours."""
    return load_stimuli(path or Path(str(files("personae.papers.persona_effects") / "tasks.toml")), TaskStimuli)


@lru_cache(maxsize=2)
def read_truthful(path: Path) -> tuple[TaskItem, ...]:
    """TruthfulQA's multiple choice with one right answer: ``[{"question": ..., "mc1_targets": {answer: 0 or 1}}]``."""
    return _parsed(path, lambda: _truthful(json.loads(path.read_text(encoding="utf-8-sig"))))


def _truthful(data: Any) -> Iterator[TaskItem]:
    for number, one in enumerate(data):
        targets = one["mc1_targets"]
        right = [place for place, label in enumerate(targets.values()) if label == 1]
        if len(right) != 1:
            raise ValueError(f"question {number} has {len(right)} right answers")
        yield TaskItem(
            task="truthful", key=str(number), question=one["question"], options=tuple(targets), correct=right[0]
        )


@lru_cache(maxsize=2)
def read_mmlu(folder: Path) -> tuple[TaskItem, ...]:
    """MMLU's test files, ``SUBJECT_test.csv``: question, four options, letter, without a header."""
    found: list[TaskItem] = []
    for path in sorted(folder.glob("*_test.csv")):
        found += _parsed(path, lambda path=path: _mmlu(path))  # type: ignore[misc]
    return _some(found, folder, "SUBJECT_test.csv")


def _mmlu(path: Path) -> Iterator[TaskItem]:
    subject = path.name.removesuffix("_test.csv")
    with path.open(newline="", encoding="utf-8-sig") as file:
        for number, row in enumerate(csv.reader(file)):
            question, *options, letter = row
            if len(options) != 4 or letter.strip() not in "ABCD":
                raise ValueError(f"line {number + 1} is no question with four options and a letter")
            yield TaskItem(
                task="mmlu",
                key=f"{subject}/{number}",
                subject=subject,
                question=question,
                options=tuple(options),
                correct="ABCD".index(letter.strip()),
            )


@lru_cache(maxsize=2)
def read_bbq(folder: Path) -> tuple[TaskItem, ...]:
    """BBQ's files, ``CATEGORY.jsonl``."""
    found: list[TaskItem] = []
    for path in sorted(folder.glob("*.jsonl")):
        found += _parsed(path, lambda path=path: _bbq(path))  # type: ignore[misc]
    return _some(found, folder, "CATEGORY.jsonl")


def _bbq(path: Path) -> Iterator[TaskItem]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        one = json.loads(line)
        groups = [str(one["answer_info"][f"ans{place}"][1]).casefold() for place in range(3)]
        stereotyped = {str(name).casefold() for name in one["additional_metadata"]["stereotyped_groups"]}
        targets = [place for place, group in enumerate(groups) if group in stereotyped]
        category = str(one["category"]).casefold()
        yield TaskItem(
            task="bbq",
            key=f"{category}/{one['example_id']}",
            subject=_GROUPS.get(category, category.removesuffix("_status")),
            question=f"{one['context']} {one['question']}",
            options=tuple(one[f"ans{place}"] for place in range(3)),
            correct=int(one["label"]),
            unknown=groups.index("unknown") if "unknown" in groups else None,
            target=targets[0] if len(targets) == 1 else None,
            ambiguous=one["context_condition"] == "ambig",
            negative=one["question_polarity"] == "neg",
        )


def _parsed(path: Path, read: Callable[[], Iterator[TaskItem]]) -> tuple[TaskItem, ...]:
    try:
        return tuple(read())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})",
            where=str(path),
            remedy="give the file as it was published",
        ) from error


def _some(found: list[TaskItem], folder: Path, wanted: str) -> tuple[TaskItem, ...]:
    if not found:
        raise InputError("holds no items", where=str(folder), remedy=f"give a folder of {wanted}")
    return tuple(found)


def first_items(items: tuple[TaskItem, ...], task: str, per_task: int, paraphrases: int) -> tuple[TaskItem, ...]:
    """The first items of a task, of MMLU the first of each subject; a paraphrase is an item of its own."""
    seen: Counter[str] = Counter()
    kept = []
    for one in items:
        place = one.subject if task == "mmlu" else ""
        if one.task != task or seen[place] >= per_task:
            continue
        seen[place] += 1
        kept.append(one)
        kept += [
            one.model_copy(update={"key": f"{one.key}/{number}", "question": words})
            for number, words in enumerate(one.paraphrases[:paraphrases], start=1)
        ]
    return tuple(kept)


def orders_of(items: Sequence[TaskItem], seed: int) -> list[tuple[int, ...]]:
    """In which order the options of each item are shown: the same to everybody.

    TruthfulQA lists the right answer first; its options are shuffled one question after the other by NumPy's legacy
    generator, as published, so that the same file and seed give the published order. Ours list the right answer first
    too, and are shuffled by their key. The options of MMLU and BBQ stay as they are.
    """
    legacy = np.random.RandomState(seed)  # whose shuffles the published orders are
    found = []
    for one in items:
        count = len(one.options)
        if one.task == "truthful" and one.key.isdigit():
            found.append(tuple(int(place) for place in legacy.permutation(count)))
        elif one.task == "bbq" or (one.task == "mmlu" and "/" in one.key):
            found.append(tuple(range(count)))
        else:
            rng = np.random.default_rng(derive_seed(seed, one.task, one.key))
            found.append(tuple(int(place) for place in rng.permutation(count)))
    return found
