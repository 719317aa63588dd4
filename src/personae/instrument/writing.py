"""Writing an instrument as TOML, in the layout that it is read from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from personae.instrument.questionnaire import Format, Instrument, Option, Scale

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TEXTS = ("key", "version", "title", "citation", "source", "language", "instructions", "stem", "obtain", "notes")
_DELETE = "\x7f"  # the one character that JSON leaves alone and TOML forbids


def write_instrument(instrument: Instrument) -> str:
    """Write an instrument as TOML; reading it gives the same instrument, in the same order.

    When to use: to keep what was imported or built in Python as a file that can be read, edited and cited.

    Example:
        >>> from personae.instrument import load_instrument
        >>> write_instrument(load_instrument("tipi")).splitlines()[0]
        'key = "tipi"'
    """
    return "\n".join(_lines(instrument)) + "\n"


def toml_text(text: str) -> str:
    r"""A text as a TOML string.

    Example:
        >>> toml_text('so "to say"')
        '"so \\"to say\\""'
    """
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")


def toml_key(key: str) -> str:
    """A key of a TOML table, quoted where it has to be."""
    return key if _BARE.fullmatch(key) else toml_text(key)


def _lines(one: Instrument) -> Iterator[str]:
    for name in _TEXTS:
        value = getattr(one, name)
        if value or name in ("key", "version", "title", "citation", "language"):
            yield f"{name} = {toml_text(value)}"
    if one.is_structure_only:
        is_numbered = list(one.items) == [str(number) for number in range(1, len(one.items) + 1)]
        yield f"items = {len(one.items) if is_numbered else _ids(one.items)}"
    if one.fillers:
        yield f"fillers = {_ids(one.fillers)}"
    if one.options:
        yield f"options = {_options(one.options)}"
    yield from ("", "[licence]", *_pairs(one.licence.model_dump()))
    if not one.is_structure_only:
        yield from ("", "[items]", *_texts_by_item(one.items))
    for scale in one.scales:
        yield from ("", "[[scales]]", *_scale(scale))
    for each in one.formats:
        yield from ("", "[[formats]]", *_format(each))
    for dichotomy in one.dichotomies:
        yield from ("", "[[dichotomies]]", *_pairs(dichotomy.model_dump()))
    for wording in one.wordings:
        yield from ("", "[[wordings]]", *_pairs(wording.model_dump(exclude={"items"})))
        yield from ("", "[wordings.items]", *_texts_by_item(wording.items))


def _scale(scale: Scale) -> Iterator[str]:
    yield f"key = {toml_text(scale.key)}"
    yield f"title = {toml_text(scale.title)}"
    if scale.trait:
        yield f"trait = {toml_text(scale.trait)}"
    if scale.direction < 0:
        yield "direction = -1"
    if scale.within:
        yield f"within = {toml_text(scale.within)}"
    if scale.score != "mean":
        yield f"score = {toml_text(scale.score)}"
    for name, plain in (("divisor", 1.0), ("constant", 0.0)):
        if getattr(scale, name) != plain:
            yield f"{name} = {getattr(scale, name)!r}"
    yield f"items = {_ids(scale.items)}"
    if scale.reverse:
        yield f"reverse = {_ids(scale.reverse)}"
    if scale.weights:
        pairs = ", ".join(f"{toml_key(item)} = {_number(weight)}" for item, weight in scale.weights.items())
        yield f"weights = {{ {pairs} }}"
    for norm in scale.norms:
        yield from ("", "[[scales.norms]]", *_pairs(norm.model_dump()))


def _format(each: Format) -> Iterator[str]:
    yield f"items = {_ids(each.items)}"
    yield f"options = {_options(each.options)}"


def _options(options: Iterable[Option]) -> str:
    rows = []
    for one in options:
        keyed = f", keyed = {toml_text(one.keyed)}" if one.keyed else ""
        rows.append(f"  {{ value = {one.value}, label = {toml_text(one.label)}{keyed} }},\n")
    return f"[\n{''.join(rows)}]"


def _pairs(fields: Mapping[str, Any]) -> Iterator[str]:
    """Fields of a small table; what is empty or not known is left out."""
    for name, value in fields.items():
        if isinstance(value, str) and value:
            yield f"{name} = {toml_text(value)}"
        elif isinstance(value, (bool, int, float)):
            yield f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}"


def _texts_by_item(texts: Mapping[str, str]) -> Iterator[str]:
    for item, text in texts.items():
        yield f"{toml_key(item)} = {toml_text(text)}"


def _ids(items: Iterable[str]) -> str:
    """Identifiers of items: printed numbers as numbers, where that reads back as the same."""
    return f"[{', '.join(item if _is_number(item) else toml_text(item) for item in items)}]"


def _is_number(item: str) -> bool:
    return item.isascii() and item.isdecimal() and len(item) < 10 and str(int(item)) == item


def _number(weight: float | tuple[float, ...]) -> str:
    return f"[{', '.join(map(repr, weight))}]" if isinstance(weight, tuple) else repr(weight)
