"""YAML, JSON and JSONL as persona files spell them: all three say what JSON can say, and nothing said is lost.

YAML 1.1 reads ``no`` as false, ``0123`` as 83 and ``12:30`` as 750. Here numbers are spelled as in JSON, truth values
are ``true`` and ``false``, and everything else is text. What is written is quoted so that other readers agree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from personae.errors import InputError

LINES = (".jsonl", ".ndjson")
"""Endings of files that hold one persona a line."""

_MEND = "mend the file at that place"

_MOST_DEPTH = 300  # more than a persona may hold, so that everything that was written is read

_PLAIN_SCALARS: tuple[tuple[str, re.Pattern[str], list[str]], ...] = (
    ("null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""]),
    ("bool", re.compile(r"^(?:true|false)$"), ["t", "f"]),
    ("int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")),
    ("float", re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"), list("-0123456789")),
)
"""YAML scalars that are no text: tag, spelling, first characters. The first that fits counts."""

_JSON_TAGS = ("null", "bool", "int", "float", "str", "seq", "map")
_YAML = "tag:yaml.org,2002:"


def parse_rows(text: str, path: Path) -> list[Any]:
    """Read the persons of a file in their JSON form, without judging whether they are persons.

    Raises:
        InputError: If the text is malformed; the message names the line.
    """
    suffix = path.suffix.lower()
    if suffix in LINES or (suffix not in (".yaml", ".yml") and _is_lines(text)):
        # Not splitlines(): JSON texts may hold characters that Python takes for line ends.
        return [
            _parse_json(line, f"{path}:{number}") for number, line in enumerate(text.split("\n"), 1) if line.strip()
        ]
    looks_like_json = text.lstrip()[:1] in ("{", "[") and suffix not in (".yaml", ".yml")
    data = _parse_json(text, str(path)) if looks_like_json else _parse_yaml(text, path)
    if isinstance(data, list):
        return data
    return [] if data is None else [data]


def _is_lines(text: str) -> bool:
    """Whether a text is JSONL by what is in it: an object in the first line, and another after it."""
    first, _, rest = text.lstrip().partition("\n")
    if not first.startswith("{") or not first.rstrip().endswith("}") or not rest.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def write_yaml(data: Any) -> str:
    r"""Spell JSON data as YAML that any reader of YAML 1.1 or 1.2 reads alike.

    Example:
        >>> write_yaml({"country": "no", "born": "0123"})
        "country: 'no'\nborn: '0123'\n"
    """
    import yaml

    return yaml.dump(data, Dumper=_plain_dumper(), sort_keys=False, allow_unicode=True, width=100)


def _parse_json(text: str, where: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except ValueError as error:
        what = "a number has too many digits" if "integer string conversion" in str(error) else error
        raise InputError(f"is not JSON: {what}", where=where, remedy=_MEND) from error
    except RecursionError as error:
        raise InputError("is nested too deeply", where=where, remedy="write it flatter") from error


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)!r} is written twice")
    return row


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value, write null")


def _parse_yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        _refuse_bombs(text, path)
        return yaml.load(text, Loader=_plain_loader())  # noqa: S506  # derived from the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        if "nesting depth" in problem:  # the parser reads ahead, and newer ones have a limit too
            raise InputError("is nested too deeply", where=str(path), remedy="write it flatter") from error
        raise InputError(f"is not YAML: {problem}", where=where, remedy=_MEND) from error
    except (ValueError, LookupError) as error:  # !!int ten, !!bool maybe
        raise InputError(f"is not YAML: a value belies its tag ({error})", where=str(path), remedy=_MEND) from error


def _refuse_bombs(text: str, path: Path) -> None:
    """Refuse what would break the reader, before anything is built from it."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            # Aliases of aliases make a small file unfold to gigabytes; a persona has no use for them.
            raise InputError("uses YAML aliases", where=str(path), remedy="write the repeated part out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MOST_DEPTH:  # the parser builds each level inside the one above, on a stack that ends
            raise InputError("is nested too deeply", where=str(path), remedy="write it flatter")


@lru_cache(maxsize=1)
def _plain_loader() -> type:
    """A YAML loader that reads what JSON can say."""
    import yaml

    class PlainLoader(yaml.CSafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"the field {key.value!r} is written twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    PlainLoader.yaml_implicit_resolvers = {}
    for tag, spelling, first in _PLAIN_SCALARS:
        PlainLoader.add_implicit_resolver(_YAML + tag, spelling, first)
    known: dict[str | None, Callable[..., Any]] = {
        _YAML + tag: yaml.CSafeLoader.yaml_constructors[_YAML + tag] for tag in _JSON_TAGS
    }
    PlainLoader.yaml_constructors = {**known, None: yaml.CSafeLoader.yaml_constructors[None]}
    return PlainLoader


@lru_cache(maxsize=1)
def _plain_dumper() -> type:
    """A YAML dumper that quotes all text which this loader, or one of YAML 1.1, would take for something else."""
    import yaml

    class PlainDumper(yaml.SafeDumper):
        pass

    def represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        # Outside of double quotes a reader turns the line end of Latin-1 into a plain one.
        return dumper.represent_scalar(f"{_YAML}str", text, style='"' if "\x85" in text else None)

    for tag, spelling, first in _PLAIN_SCALARS:
        PlainDumper.add_implicit_resolver(_YAML + tag, spelling, first)
    PlainDumper.add_representer(str, represent_text)
    return PlainDumper
