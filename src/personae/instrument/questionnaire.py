"""Item, Scale, Instrument: a questionnaire as data, with its key, its source and its licence.

An instrument is read from a TOML file (see :mod:`personae.instrument.shelf`) or built in Python; either way it is
checked as a whole, so that a key that names a missing item is found when the file is read and not in the results.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from personae.canonical import content_hash

ORIGINAL = "original"
"""The wording that an instrument is printed in: its items."""

ItemId = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
"""Identifier of an item, stable under any re-ordering; most questionnaires use the printed number."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Declared):
    """One response option: the number that is scored and the words that the respondent reads."""

    value: int
    label: str = Field(min_length=1)


class Norm(_Declared):
    """Mean and standard deviation of a group of people on one scale, on the instrument's own score."""

    group: str
    mean: float
    sd: float = Field(gt=0)
    n: int | None = Field(default=None, ge=1)
    source: str
    confidence: Literal["verified", "memory"] = "memory"
    """Whether the figure was checked against its source."""


class Scale(_Declared):
    """A set of items that are scored together."""

    key: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    items: tuple[ItemId, ...] = Field(min_length=1)
    reverse: tuple[ItemId, ...] = ()
    """Items keyed against the scale: scored as ``minimum + maximum - answer``."""
    trait: str = ""
    """The trait that the scale measures, as a persona names it: ``big_five.extraversion``."""
    direction: Literal[1, -1] = 1
    """-1 if a high score means little of the trait, as emotional stability does for neuroticism."""
    within: str = ""
    """The broader scale that this one is a facet of."""
    norms: tuple[Norm, ...] = ()


class Wording(_Declared):
    """Another wording of the same items: a simplified text, a paraphrase, a translation."""

    key: str = Field(pattern=r"^[a-z0-9_-]+$")
    source: str
    language: str = "en"
    items: dict[ItemId, str]


class Licence(_Declared):
    """On what terms the item texts may be used."""

    name: str
    holder: str = ""
    url: str = ""
    is_commercial_use_free: bool
    note: str = ""


class Instrument(_Declared):
    """A questionnaire: what is asked, how it may be answered, how answers are scored.

    Example:
        >>> mood = Instrument(
        ...     key="mood", version="1", title="Two moods", citation="Example (2026)", language="en",
        ...     licence=Licence(name="CC0-1.0", is_commercial_use_free=True),
        ...     options=(Option(value=1, label="no"), Option(value=2, label="yes")),
        ...     items={"1": "I am glad.", "2": "I am sad."},
        ...     scales=(Scale(key="glad", title="Gladness", items=("1", "2"), reverse=("2",)),),
        ... )
        >>> mood.scale("glad").reverse
        ('2',)
    """

    key: str = Field(pattern=r"^[a-z0-9-]+$")
    version: str
    title: str
    citation: str
    source: str = ""
    """Where the item texts were taken from."""
    licence: Licence
    language: str
    instructions: str = ""
    """What the printed form says before the items, without the options."""
    stem: str = ""
    """Words that every item continues: "I see myself as someone who"."""
    options: tuple[Option, ...] = Field(min_length=2)
    items: dict[ItemId, str] = Field(min_length=1)
    scales: tuple[Scale, ...] = Field(min_length=1)
    wordings: tuple[Wording, ...] = ()
    notes: str = ""

    @field_validator("options")
    @classmethod
    def _options_differ(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        values = [option.value for option in options]
        labels = [option.label.casefold() for option in options]
        if len(set(values)) < len(values) or len(set(labels)) < len(labels):
            raise ValueError("two options share a value or a label")
        if values != sorted(values):
            raise ValueError("options are listed by rising value; the order shown is chosen at administration")
        return options

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        known = set(self.items)
        keys = [scale.key for scale in self.scales]
        if len(set(keys)) < len(keys):
            raise ValueError("two scales share a key")
        for scale in self.scales:
            if unknown := set(scale.items) - known:
                raise ValueError(f"scale {scale.key!r} names items that do not exist: {sorted(unknown)}")
            if stray := set(scale.reverse) - set(scale.items):
                raise ValueError(f"scale {scale.key!r} reverses items that it does not have: {sorted(stray)}")
            if len(set(scale.items)) < len(scale.items):
                raise ValueError(f"scale {scale.key!r} counts an item twice")
            if scale.within and scale.within not in keys:
                raise ValueError(f"scale {scale.key!r} lies within {scale.within!r}, which does not exist")
        self._forbid_circles()
        if blank := [item for item, text in self.items.items() if not text.strip()]:
            raise ValueError(f"items without a text: {blank}")
        variants = [ORIGINAL, *(wording.key for wording in self.wordings)]
        if len(set(variants)) < len(variants):
            raise ValueError(f"two wordings share a key, or one is called {ORIGINAL!r}, which means the items")
        for wording in self.wordings:
            if set(wording.items) != known:
                raise ValueError(f"wording {wording.key!r} does not cover exactly the items of the instrument")
            if blank := [item for item, text in wording.items.items() if not text.strip()]:
                raise ValueError(f"wording {wording.key!r} has items without a text: {blank}")
        return self

    def _forbid_circles(self) -> None:
        above = {scale.key: scale.within for scale in self.scales}
        for start in above:
            passed, key = {start}, above[start]
            while key and key not in passed:
                passed.add(key)
                key = above[key]
            if key:
                raise ValueError(f"scale {start!r} lies within itself, or within a scale that does")

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Identifiers of the items in printed order; the order of every answer vector."""
        return tuple(self.items)

    @property
    def lowest(self) -> int:
        """Smallest value that an answer can take."""
        return self.options[0].value

    @property
    def highest(self) -> int:
        """Largest value that an answer can take."""
        return self.options[-1].value

    @property
    def midpoint(self) -> float:
        """Middle of the response range."""
        return (self.lowest + self.highest) / 2

    @cached_property
    def hash(self) -> str:
        """Content hash of everything that a respondent can read and that a score depends on."""
        spelled = self.model_dump(
            mode="json",
            exclude={
                "notes": True,
                "licence": True,
                "citation": True,
                "source": True,
                "scales": {"__all__": {"norms"}},
            },
        )
        # A hash sorts keys, but the printed order of the items is a part of the questionnaire.
        return content_hash({**spelled, "items": list(self.items.items())})

    def scale(self, key: str) -> Scale:
        """Find a scale by its key.

        Raises:
            KeyError: If the instrument has no such scale.
        """
        for scale in self.scales:
            if scale.key == key:
                return scale
        raise KeyError(f"{self.key} has no scale {key!r}; it has {', '.join(scale.key for scale in self.scales)}")

    def texts(self, wording: str = ORIGINAL) -> dict[str, str]:
        """Item texts in one wording, by identifier.

        Raises:
            KeyError: If the instrument has no such wording.
        """
        if wording == ORIGINAL:
            return dict(self.items)
        for variant in self.wordings:
            if variant.key == wording:
                return {item: variant.items[item] for item in self.items}
        known = ", ".join([ORIGINAL, *(variant.key for variant in self.wordings)])
        raise KeyError(f"{self.key} has no wording {wording!r}; it has {known}")

    def broad_scales(self) -> tuple[Scale, ...]:
        """Scales that are not a facet of another one."""
        return tuple(scale for scale in self.scales if not scale.within)

    def keying(self, scale: Scale) -> dict[str, int]:
        """Sign of each item of a scale: 1 keyed with it, -1 against it."""
        against: set[Any] = set(scale.reverse)
        return {item: -1 if item in against else 1 for item in scale.items}
