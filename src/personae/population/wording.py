"""Rendering whole tables: the words of :func:`personae.persona.render`, byte for byte, for a column of people at once.

The phrases are not written down here a second time: each is found by rendering a probe, a persona that says one thing,
and taking out what was put in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.persona import (
    BIG_FIVE,
    LEVELS,
    RENDERERS,
    Demographics,
    Persona,
    Voice,
    join_words,
    pole_of,
    qualify,
    render,
    trait_words,
    word_gender,
    word_trait,
    z_of_level,
)
from personae.population.fields import REST, persona_of

if TYPE_CHECKING:
    import polars as pl

_WHO, _WHAT = "\ue000", "\ue001"
"""Stand for the person and for what is said; of the private use area, so that no letter is like them."""
_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_ENDS = (".", "!", "?", "…", '."')
_DEMOGRAPHIC_LINES = ("residence", "education", "occupation", "income", "religion", "politics")
_ABOUT = ("age", "gender", "nationality", "ethnicity", "marital_status")
_VOICE = ("language", "accent", "pitch", "pace", "description")
_FEW = 3


def render_frame(frame: pl.DataFrame, renderer: str) -> pl.Series:
    """Put every person of a table into words, as :func:`personae.persona.render` does one by one.

    When to use: for populations that are too large for objects. Narratives and adjectives are written column by column;
    the JSON renderer, and people with abilities or memories, take the way over the persona.

    Args:
        frame: People, one row each.
        renderer: Key of a renderer.

    Raises:
        InputError: If no renderer has this key.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"demographics.age": [40, 20], "traits.big_five.openness": [2.0, -2.0]})
        >>> render_frame(people, "second-person")[0]
        'You are 40 years old. You are extremely open to experience.'
    """
    import polars as pl

    if renderer not in RENDERERS:
        render(Persona(), renderer)  # says what is known
    writers: Mapping[str, Callable[[pl.DataFrame], pl.Expr]] = {
        "second-person": lambda part: _narrative(part, "second-person"),
        "third-person": lambda part: _narrative(part, "third-person"),
        "adjectives": _adjectives,
        "nine-level": _nine_level,
    }
    slow = frame[REST].is_not_null() if REST in frame.columns else pl.repeat(False, frame.height, eager=True)
    if renderer not in writers or _has_key_twice(frame):
        slow = pl.repeat(True, frame.height, eager=True)
    if slow.all():
        return _one_by_one(frame, renderer)
    fast = frame.filter(~slow)
    text = fast.select(writers[renderer](fast).fill_null("").alias("text"))["text"]
    if text.len() != fast.height:  # nothing is said of anybody: one text for all
        text = pl.Series("text", [str(text[0])] * fast.height)
    if not slow.any():
        return text
    places = pl.concat([(~slow).arg_true(), slow.arg_true()])
    both = pl.concat([text, _one_by_one(frame.filter(slow), renderer)])
    return both.gather(places.arg_sort()).alias("text")


def _one_by_one(frame: pl.DataFrame, renderer: str) -> pl.Series:
    import polars as pl

    texts = [render(persona_of(row), renderer).text for row in frame.iter_rows(named=True)]
    return pl.Series("text", texts, dtype=pl.String())


def _has_key_twice(frame: pl.DataFrame) -> bool:
    """Whether social and personal identity name one thing both, in which case one stands in the other's place."""
    keys = [set(_columns(frame, f"{group}.")) for group in ("social_identity", "personal_identity")]
    return bool({key.partition(".")[2] for key in keys[0]} & {key.partition(".")[2] for key in keys[1]})


def _columns(frame: pl.DataFrame, prefix: str) -> list[str]:
    """Columns of a group, in the order of their keys, as a persona has them."""
    import polars as pl

    return sorted(name for name, kind in frame.schema.items() if name.startswith(prefix) and kind != pl.Null())


def _about(frame: pl.DataFrame, name: str) -> pl.Expr:
    import polars as pl

    column = f"demographics.{name}"
    if name == "age":
        return _years()
    if name == "gender":
        kinds = {kind: word_gender(kind) for kind in frame[column].unique().drop_nulls()}
        return _told(pl.col(column).replace(kinds))
    return _told(pl.col(column))


def _narrative(frame: pl.DataFrame, renderer: str) -> pl.Expr:
    import polars as pl

    said = _Phrases(frame, renderer)
    parts: list[pl.Expr] = []
    if "description" in frame.columns:
        parts.append(_sentence(_told(pl.col("description"))))
    about = [_about(frame, name) for name in _ABOUT if said.has(name)]
    if about:
        parts.append(said.about(Persona(demographics=Demographics(gender=_WHAT)), _joined(frame, about)))
    for name in _DEMOGRAPHIC_LINES:
        if said.has(name):
            probe = Persona(demographics=Demographics.model_validate({name: _WHAT}))
            parts.append(said.about(probe, _told(pl.col(f"demographics.{name}"))))
    if said.has("languages"):
        probe = Persona(demographics=Demographics(languages=(_WHAT,)))
        parts.append(said.about(probe, _joined_list(pl.col("demographics.languages"))))
    if traits := _columns(frame, "traits."):
        key, z = "big_five.openness", 2.0
        said_of = said.pattern(Persona(traits={key: z}), word_trait(key, z))
        parts.append(said.filled(said_of, _joined(frame, [_worded(frame, name) for name in traits])))
    for group in ("social_identity", "personal_identity"):
        for name in _columns(frame, f"{group}."):
            probe = Persona.model_validate({group: {name.removeprefix(f"{group}."): _WHAT}})
            parts.append(said.about(probe, _told(pl.col(name))))
    if "life_context" in frame.columns:
        parts.append(_sentence(_told(pl.col("life_context"))))
    for name in ("goals", "beliefs", "knowledge"):
        if name in frame.columns:
            parts.append(said.each(Persona.model_validate({name: (_WHAT,)}), name))
    if "style" in frame.columns:
        parts.append(said.about(Persona(style=_WHAT), _told(pl.col("style"))))
    if voices := [_told(pl.col(f"voice.{name}")) for name in _VOICE if f"voice.{name}" in frame.columns]:
        parts.append(said.about(Persona(voice=Voice(pace=_WHAT)), _joined(frame, voices)))
    if "appearance" in frame.columns:
        parts.append(said.about(Persona(appearance=_WHAT), _told(pl.col("appearance"))))
    text = pl.concat_str(parts, separator=" ", ignore_nulls=True) if parts else pl.lit("")
    if "name" not in frame.columns:
        return text
    named = pl.concat_str([pl.lit(said.introduction[0]), pl.col("name"), pl.lit(said.introduction[1]), text])
    return pl.when(_told(pl.col("name")).is_not_null()).then(named.str.strip_chars(_BLANKS)).otherwise(text)


class _Phrases:
    """The sentences of a narrative renderer, found by probes."""

    def __init__(self, frame: pl.DataFrame, renderer: str) -> None:
        import polars as pl

        self._frame = frame
        self._renderer = renderer
        self._nobody = "this person"
        self.introduction = self._introduction()
        name = pl.col("name") if "name" in frame.columns else pl.lit(None, dtype=pl.String())
        self._who = pl.coalesce(_told(name), pl.lit(self._nobody))

    def has(self, name: str) -> bool:
        """Whether people have this demographic column."""
        return f"demographics.{name}" in self._frame.columns

    def pattern(self, probe: Persona, word: str) -> list[str]:
        """The sentence about a probe as pieces around the person and around the word."""
        text = render(probe.model_copy(update={"name": _WHO}), self._renderer).text
        text = text.removeprefix("".join((self.introduction[0], _WHO, self.introduction[1])))
        before, found, after = text.partition(word)
        if not found or after not in (".", ""):
            raise InputError(f"words a probe as {text!r}", where=self._renderer, remedy="render people one by one")
        return [before, after]

    def about(self, probe: Persona, value: pl.Expr) -> pl.Expr:
        """The sentence of a probe, with a value in its place."""
        return self.filled(self.pattern(probe, _WHAT), value)

    def filled(self, pattern: list[str], value: pl.Expr) -> pl.Expr:
        """A sentence with a value, and the person, in their places."""
        import polars as pl

        return _sentence(pl.concat_str([*self._pieces(pattern[0]), value]))

    def each(self, probe: Persona, column: str) -> pl.Expr:
        """A sentence for every entry of a list."""
        import polars as pl

        before = self.pattern(probe, _WHAT)[0]
        if self._frame.schema[column] == pl.String():
            return self.filled([before, ""], _told(pl.col(column)))
        if _WHO not in before:
            one = _sentence(pl.concat_str([pl.lit(before), pl.element()]))
            lines = pl.col(column).list.eval(pl.when(_is_told(pl.element())).then(one)).list.drop_nulls()
            return pl.when(lines.list.len() > 0).then(lines.list.join(" "))
        placed = _sentence(pl.concat_str([pl.lit(before), pl.element()]))
        lines = pl.col(column).list.eval(pl.when(_is_told(pl.element())).then(placed)).list.drop_nulls().list.join(" ")
        bare = self._who.str.strip_chars_start(_BLANKS)
        who = bare.str.slice(0, 1).str.to_uppercase() + bare.str.slice(1)
        named = lines.str.replace_all(_WHO, "\ue002", literal=True)
        return pl.when(lines != "").then(_replace(named, "\ue002", who))

    def _pieces(self, before: str) -> list[pl.Expr]:
        import polars as pl

        pieces: list[pl.Expr] = []
        for index, literal in enumerate(before.split(_WHO)):
            if index:
                pieces.append(self._who)
            if literal:
                pieces.append(pl.lit(literal))
        return pieces

    def _introduction(self) -> tuple[str, str]:
        text = render(Persona(name=_WHO, description=_WHAT), self._renderer).text
        before, _, after = text.partition(_WHO)
        return before, after.partition(_WHAT)[0]


def _replace(text: pl.Expr, mark: str, by: pl.Expr) -> pl.Expr:
    """Put a text of the same row in the place of a mark, however often it is there."""
    return text.str.split(mark).list.join(by)


def _sentence(text: pl.Expr) -> pl.Expr:
    """As narratives make sentences: stripped, a capital at the beginning, a full stop unless it ends by itself."""
    import polars as pl

    bare = text.str.strip_chars(_BLANKS)
    capital = bare.str.slice(0, 1).str.to_uppercase() + bare.str.slice(1)
    ends = reduce(lambda one, other: one | other, [capital.str.ends_with(end) for end in _ENDS])
    return pl.when(ends).then(capital).otherwise(capital + pl.lit("."))


def _is_told(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars(_BLANKS).str.len_bytes() > 0


def _told(text: pl.Expr) -> pl.Expr:
    """A text, or nothing where it says nothing."""
    import polars as pl

    return pl.when(_is_told(text)).then(text)


def _years() -> pl.Expr:
    import polars as pl

    text = render(Persona(demographics=Demographics(age=0)), "third-person").text
    after = text.partition(" 0 ")[2].removesuffix(".")
    return pl.col("demographics.age").cast(pl.String) + pl.lit(f" {after}")


def _joined(frame: pl.DataFrame, words: Sequence[pl.Expr], *, last: Sequence[pl.Expr] | None = None) -> pl.Expr:
    """Words that are there as a list in a sentence (see :func:`personae.persona.join_words`).

    Args:
        frame: The people.
        words: Words, or nothing where somebody has none.
        last: How each is spelled where it comes last of three or more, if that is another way; with its separator.
    """
    import polars as pl

    if len(words) == 1 and last is None:
        return words[0]
    spelled = frame.select(word.alias(f"w{index}") for index, word in enumerate(words))
    words = [pl.lit(spelled[name]) for name in spelled.columns]
    if last is None and all(series.null_count() == 0 for series in spelled):  # everybody has all: one shape of list
        breaks = [", "] * (len(words) - 2) + [" and " if len(words) == 2 else ", and "]
        mixed = [part for word, after in zip(words, breaks, strict=False) for part in (word, pl.lit(after))]
        return pl.concat_str([*mixed, words[-1]])
    there = [word.is_not_null() for word in words]
    count = pl.sum_horizontal(there)
    pieces = []
    for index, word in enumerate(words):
        before = pl.any_horizontal(there[:index]) if index else pl.lit(value=False)
        after = pl.any_horizontal(there[index + 1 :]) if index + 1 < len(words) else pl.lit(value=False)
        ending = pl.lit(", and ") + word if last is None else last[index]
        if last is None:
            ending = pl.when(count == 2).then(pl.lit(" and ") + word).otherwise(ending)
        placed = pl.when(before & ~after).then(ending).when(before).then(pl.lit(", ") + word).otherwise(word)
        pieces.append(pl.when(there[index]).then(placed).otherwise(pl.lit("")))
    return pl.when(count > 0).then(pl.concat_str(pieces))


def _joined_list(texts: pl.Expr) -> pl.Expr:
    import polars as pl

    told = texts.list.eval(pl.element().filter(_is_told(pl.element())))
    count = told.list.len()
    most = told.list.head(count - 1).list.join(", ") + pl.lit(", and ") + told.list.last()
    return pl.when(count > 2).then(most).when(count > 0).then(told.list.join(" and "))


def _levels(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Levels 0 to 8 of a column of z-scores; as :func:`personae.persona.level_of` less one."""
    import polars as pl

    z = pl.col(column).cast(pl.Float64)
    steps = (z.abs() / 0.5 + 0.5).floor()
    middle = (LEVELS - 1) // 2
    return (pl.when(z < 0).then(middle - steps).otherwise(middle + steps)).clip(0, LEVELS - 1).cast(pl.UInt8)


def _looked_up(frame: pl.DataFrame, column: str, words: Sequence[str]) -> pl.Expr:
    import polars as pl

    levels = frame.select(_levels(frame, column).alias("level"))["level"]
    return pl.lit(pl.Series(list(words)).gather(levels))


def _worded(frame: pl.DataFrame, column: str) -> pl.Expr:
    key = column.removeprefix("traits.")
    return _looked_up(frame, column, [word_trait(key, z_of_level(level)) for level in range(1, LEVELS + 1)])


def _adjectives(frame: pl.DataFrame) -> pl.Expr:
    import polars as pl

    words = []
    for key in BIG_FIVE:
        column = f"traits.{key}"
        if column in frame.columns:
            z, names = pl.col(column), trait_words()[key]
            edge = next(step / 1000 for step in range(1, 6001) if pole_of(step / 1000))
            words.append(pl.when(z >= edge).then(pl.lit(names.high)).when(z <= -edge).then(pl.lit(names.low)))
    if not words:
        return pl.lit("")
    word = trait_words()[BIG_FIVE[0]].high
    before, _, after = render(Persona(traits={BIG_FIVE[0]: 2.0}), "adjectives").text.partition(word)
    return pl.lit(before) + _joined(frame, words) + pl.lit(after)


def _nine_level(frame: pl.DataFrame) -> pl.Expr:
    import polars as pl

    alone, last = [], []
    for key, words in trait_words().items():
        column = f"traits.{key}"
        if column not in frame.columns:
            continue
        rows = [[qualify(marker, level) for marker in words.markers] for level in range(1, LEVELS + 1)]
        if len(words.markers) < _FEW:
            raise InputError("has too few markers to be written by columns", where=key)
        middle = [", ".join(row) for row in rows]
        at_the_end = [join_words(["", "", *row]).removeprefix(", ") for row in rows]
        alone.append((_looked_up(frame, column, middle), _looked_up(frame, column, [join_words(row) for row in rows])))
        last.append(_looked_up(frame, column, at_the_end))
    if not alone:
        return pl.lit("")
    there = [middle.is_not_null() for middle, _ in alone]
    count = pl.sum_horizontal(there)
    only = pl.coalesce([whole for _, whole in alone])
    many = _joined(frame, [middle for middle, _ in alone], last=last)
    probe = next(key for key in trait_words() if f"traits.{key}" in frame.columns)
    listed = join_words([qualify(marker, LEVELS) for marker in trait_words()[probe].markers])
    before, _, after = render(Persona(traits={probe: 2.0}), "nine-level").text.partition(listed)
    return pl.lit(before) + pl.when(count == 1).then(only).otherwise(many) + pl.lit(after)
