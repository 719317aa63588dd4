"""The authors: texts with labels from a user's file, or written by the simulated respondent with planted traits.

Files: Essays as CSV (``TEXT`` and ``cEXT``, ``cNEU``, ``cAGR``, ``cCON``, ``cOPN``, each y or n); Kaggle as CSV
(``type``, ``posts``, posts separated by ``|||``); JSONL with ``text`` and a label of 0 or 1 under the name of each
target, or under the published names (``ext_labels``). A pickle is refused: reading it would run whatever it says.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model import Request
from personae.papers.psycot.poles import OPPOSED, targets_of
from personae.persona import Persona, render
from personae.respondent import SimulatedRespondent

if TYPE_CHECKING:
    import numpy as np

_ESSAY_COLUMNS = {
    "openness": ("cOPN", "opn"),
    "conscientiousness": ("cCON", "con"),
    "extraversion": ("cEXT", "ext"),
    "agreeableness": ("cAGR", "agr"),
    "neuroticism": ("cNEU", "neu"),
}
_TRUE, _FALSE = frozenset({"1", "y", "yes", "true", "high"}), frozenset({"0", "n", "no", "false", "low"})
_POSTS = "|||"
_WORDS = 80
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Author:
    """A text and what is known of who wrote it."""

    name: str
    text: str
    labels: Mapping[str, int]
    """1 for the first pole of a target, 0 for the second; targets that are not known are absent."""

    @property
    def id(self) -> str:
        """Stable name."""
        return self.name

    @property
    def hash(self) -> str:
        """Hash of the text: labels are nothing that a model reads."""
        return content_hash(self.text)


def read_authors(path: Path, dataset: str) -> list[Author]:
    """Read a user's file.

    Raises:
        InputError: If it is a pickle, cannot be read, or has another layout.
    """
    if path.suffix.lower() in (".pkl", ".pickle"):
        raise InputError(
            "is a pickle, which can run anything when it is read",
            where=str(path),
            remedy='if you trust where it came from, convert it yourself: python -c "import pickle, json; '
            "[print(json.dumps(row, default=str)) for row in pickle.load(open('test.pkl', 'rb'))]\" > test.jsonl",
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="latin-1")  # the Essays file as it is passed around
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from error
    rows = _json_lines(text, path) if path.suffix.lower() in (".jsonl", ".json") else csv.DictReader(io.StringIO(text))
    authors = [
        author for number, row in enumerate(rows, start=1) if (author := _author(row, number, dataset, str(path)))
    ]
    if not authors:
        raise InputError("holds no authors", where=str(path), remedy="see the layouts in docs/papers/psycot.md")
    return authors


def _json_lines(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                row = orjson.loads(line)
            except ValueError as error:
                raise InputError(f"is not JSON ({error})", where=f"{path}:{number}") from error
            if not isinstance(row, dict):
                raise InputError("is not an object", where=f"{path}:{number}", remedy="write one object a line")
            yield row


def _author(row: Mapping[str, Any], number: int, dataset: str, where: str) -> Author | None:
    text = row.get("text") or row.get("TEXT") or row.get("posts")
    if isinstance(text, list):
        text = "\n".join(map(str, text))
    if not text:
        raise InputError("has no text", where=f"{where}, row {number}", remedy="name its column text, TEXT or posts")
    labels: dict[str, int] = {}
    kind = str(row.get("type") or "").upper()
    for target in targets_of(dataset):
        if dataset == "essays":
            names = (target.key, *_ESSAY_COLUMNS[target.key], f"{_ESSAY_COLUMNS[target.key][1]}_labels")
            value = next((row[name] for name in names if row.get(name) not in (None, "")), None)
            if value is not None:
                labels[target.key] = _label(value, f"{where}, row {number}, {target.key}")
        elif kind:
            found = [letter for letter in target.key if letter in kind]
            if len(found) != 1:
                raise InputError(
                    f"{kind!r} is no type", where=f"{where}, row {number}", remedy="write one such as INFP"
                )
            labels[target.key] = int(found[0] == target.key[0])
        elif row.get(target.key) not in (None, ""):
            labels[target.key] = _label(row[target.key], f"{where}, row {number}, {target.key}")
    return Author(f"author-{number}", str(text).replace(_POSTS, "\n"), labels)


def _label(value: Any, where: str) -> int:
    word = str(int(value)) if isinstance(value, (bool, int, float)) else str(value).strip().lower()
    if word in _TRUE:
        return 1
    if word in _FALSE:
        return 0
    raise InputError(f"{value!r} is no label", where=where, remedy="write 1 or 0, or y or n")


def simulated_authors(count: int, dataset: str, rng: np.random.Generator) -> list[Author]:
    """Authors whose traits were planted, .3 to 1.5 standard deviations from the mean, and short texts that sim wrote as
    them.

    The label is the sign of the planted trait, so that the truth of every detection is known. They are no sample of
    people.
    """
    sim = SimulatedRespondent()
    authors = []
    for number in range(1, count + 1):
        signs = {target.key: int(rng.integers(0, 2)) for target in targets_of(dataset)}
        traits = {}
        for target in targets_of(dataset):
            sign = 1 if bool(signs[target.key]) != (target.key in OPPOSED) else -1
            traits[target.trait] = sign * float(rng.uniform(0.3, 1.5))
        persona = Persona(id=f"simulated-{number}", traits=traits)
        ask = Request.of(
            f"Write a story about your life in {_WORDS} words.", system=render(persona, "second-person").text
        )
        authors.append(Author(persona.id, sim.answer(ask.with_seed(number)).text, signs))
    return authors


def cut(text: str, tokens: int) -> str:
    """The beginning of a text, four characters a token, at the end of a word."""
    most = tokens * _CHARACTERS_PER_TOKEN
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0]
