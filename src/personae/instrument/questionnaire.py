"""Item, Scale, Instrument: a questionnaire as data, with its key, its source and its licence.

An instrument is read from a TOML file (see :mod:`personae.instrument.shelf`) or built in Python; either way it is
checked as a whole, so that a key that names a missing item is found when the file is read and not in the results.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from personae.canonical import content_hash
from personae.errors import InputError

ORIGINAL = "original"
"""The wording that an instrument is printed in: its items."""

ItemId = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
"""Identifier of an item, stable under any re-ordering; most questionnaires use the printed number."""


_MOST_ITEMS = 10_000


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Declared):
    """One response option: the number that is scored and the words that the respondent reads."""

    value: int
    label: str = Field(min_length=1)
    keyed: str = ""
    """The scale that choosing it counts for, in a forced choice: ``extraversion``."""


class Format(_Declared):
    """Response options of some items only: forced choices, scenarios, another response scale within one form."""

    items: tuple[ItemId, ...] = Field(min_length=1)
    options: tuple[Option, ...] = Field(min_length=2)

    @field_validator("options")
    @classmethod
    def _options_differ(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        return _distinct(options)


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
    score: Literal["mean", "sum", "count", "weights"] = "mean"
    """The score that the form prescribes: mean or sum of the keyed answers, how many chosen options are keyed to this
    scale, or answers by ``weights``."""
    weights: dict[ItemId, float | tuple[float, ...]] = {}
    """For each item what its answer is multiplied by, or a weight for each of its options by rising value."""
    divisor: float = Field(default=1.0, gt=0)
    """What a sum of counts or weights is divided by before ``constant`` is added."""
    constant: float = 0.0
    norms: tuple[Norm, ...] = ()

    @model_validator(mode="after")
    def _scores_as_it_says(self) -> Self:
        if self.score == "weights" and set(self.weights) != set(self.items):
            raise ValueError(f"scale {self.key!r} is scored by weights, which must name exactly its items")
        if self.score != "weights" and self.weights:
            raise ValueError(f'scale {self.key!r} has weights; say score = "weights"')
        if self.score in ("count", "weights") and self.reverse:
            raise ValueError(f"scale {self.key!r} reverses items, which nothing but a mean or a sum can")
        if self.score in ("mean", "sum") and (self.divisor != 1 or self.constant != 0):
            raise ValueError(f"scale {self.key!r} has a divisor or a constant, which only counts and weights take")
        return self


class Dichotomy(_Declared):
    """Two poles of which a respondent is given one, as a letter of a type."""

    title: str
    high: str = Field(min_length=1)
    """Letter given if the score is above ``cut``, or above that of the scale ``opposite``; a tie gives ``low``."""
    low: str = Field(min_length=1)
    scale: str
    opposite: str = ""
    cut: float | None = None

    @model_validator(mode="after")
    def _has_one_measure(self) -> Self:
        if bool(self.opposite) == (self.cut is not None):
            raise ValueError(f"dichotomy {self.title!r} is told by an opposite scale or by a cut: give one of them")
        return self


class Wording(_Declared):
    """Another wording of the same items: a simplified text, a paraphrase, a translation."""

    key: str = Field(pattern=r"^[a-z0-9_-]+$")
    source: str
    language: str = "en"
    items: dict[ItemId, str]
    instructions: str = ""
    """What stands before the items; empty: the instrument's own."""
    stem: str = ""
    """Words that every item of this wording continues."""
    options: tuple[str, ...] = ()
    """Labels of the response options by rising value; empty: the instrument's own."""


class Licence(_Declared):
    """On what terms the item texts may be used."""

    name: str
    holder: str = ""
    url: str = ""
    is_commercial_use_free: bool
    note: str = ""


def _distinct(options: tuple[Option, ...]) -> tuple[Option, ...]:
    values = [option.value for option in options]
    labels = [option.label.casefold() for option in options]
    if len(set(values)) < len(values) or len(set(labels)) < len(labels):
        raise ValueError("two options share a value or a label")
    if values != sorted(values):
        raise ValueError("options are listed by rising value; the order shown is chosen at administration")
    return options


def _falls(weight: float | tuple[float, ...]) -> bool:
    return weight[-1] < weight[0] if isinstance(weight, tuple) else weight < 0


def _drop_unsaid(spelled: dict[str, Any]) -> None:
    """Leave out of a spelling what says nothing, so that a hash stays what it was before there was such a field."""
    for name in ("formats", "fillers", "dichotomies"):
        if not spelled[name]:
            del spelled[name]
    for option in (*spelled["options"], *(option for one in spelled.get("formats", ()) for option in one["options"])):
        if not option["keyed"]:
            del option["keyed"]
    for wording in spelled["wordings"]:
        for name in ("instructions", "stem", "options"):
            if not wording[name]:
                del wording[name]
    for scale in spelled["scales"]:
        for name, plain in (("score", "mean"), ("weights", {}), ("divisor", 1.0), ("constant", 0.0)):
            if scale[name] == plain:
                del scale[name]


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
    options: tuple[Option, ...] = ()
    """Options of every item that has none of its own in ``formats``."""
    items: dict[ItemId, str] = Field(min_length=1)
    """Texts by identifier. A file without texts gives their number, or a list of identifiers, and says in ``obtain``
    where the texts may be had."""
    scales: tuple[Scale, ...] = Field(min_length=1)
    wordings: tuple[Wording, ...] = ()
    formats: tuple[Format, ...] = ()
    fillers: tuple[ItemId, ...] = ()
    """Items that are asked and never scored."""
    dichotomies: tuple[Dichotomy, ...] = ()
    """How scores become the letters of a type, in their order."""
    obtain: str = ""
    """Where the user finds the texts, if the licence does not let them be shipped; key and structure are here."""
    notes: str = ""

    @field_validator("items", mode="before")
    @classmethod
    def _items_without_texts(cls, items: Any) -> Any:
        if isinstance(items, int) and not isinstance(items, bool) and 0 < items <= _MOST_ITEMS:
            return {str(number): "" for number in range(1, items + 1)}
        return {str(item): "" for item in items} if isinstance(items, list) else items

    @field_validator("options")
    @classmethod
    def _options_differ(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        return _distinct(options)

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
        self._check_formats()
        self._check_types()
        blank = [item for item, text in self.items.items() if not text.strip()]
        if blank and not (self.obtain and len(blank) == len(self.items)):
            raise ValueError(f"items without a text: {blank}")
        if not blank and self.obtain:
            raise ValueError("every item has its text: leave out obtain, which says where texts may be had")
        variants = [ORIGINAL, *(wording.key for wording in self.wordings)]
        if len(set(variants)) < len(variants):
            raise ValueError(f"two wordings share a key, or one is called {ORIGINAL!r}, which means the items")
        for wording in self.wordings:
            if set(wording.items) != known:
                raise ValueError(f"wording {wording.key!r} does not cover exactly the items of the instrument")
            if blank := [item for item, text in wording.items.items() if not text.strip()]:
                raise ValueError(f"wording {wording.key!r} has items without a text: {blank}")
            if wording.options and len(wording.options) != len(self.options):
                raise ValueError(
                    f"wording {wording.key!r} has {len(wording.options)} labels for {len(self.options)} options"
                )
        return self

    def _check_formats(self) -> None:
        """Every item has options, and each item's are said once."""
        own = [item for one in self.formats for item in one.items]
        if unknown := set(own) - set(self.items):
            raise ValueError(f"a format names items that do not exist: {sorted(unknown)}")
        if len(set(own)) < len(own):
            raise ValueError("two formats name the same item")
        if len(self.options) < 2 and (bare := [item for item in self.items if item not in set(own)]):
            raise ValueError(
                f"options should have at least 2 items, for those without options of their own: {bare[:3]}"
            )
        if unknown := set(self.fillers) - set(self.items):
            raise ValueError(f"fillers name items that do not exist: {sorted(unknown)}")
        if scored := set(self.fillers) & {item for scale in self.scales for item in scale.items}:
            raise ValueError(f"fillers are never scored, but a scale has them: {sorted(scored)}")
        for scale in self.scales:
            for item in scale.items:
                options = self.options_of(item)
                if scale.score == "count" and not any(option.keyed == scale.key for option in options):
                    raise ValueError(f"item {item!r} has no option keyed to {scale.key!r}, which counts them")
                weight = scale.weights.get(item)
                if isinstance(weight, tuple) and len(weight) != len(options):
                    raise ValueError(
                        f"scale {scale.key!r} has {len(weight)} weights for the {len(options)} options of item {item!r}"
                    )
        keys = {scale.key for scale in self.scales}
        every = [*self.options, *(option for one in self.formats for option in one.options)]
        if stray := {option.keyed for option in every if option.keyed} - keys:
            raise ValueError(f"options are keyed to scales that do not exist: {sorted(stray)}")

    def _check_types(self) -> None:
        keys = {scale.key for scale in self.scales}
        for one in self.dichotomies:
            if stray := {one.scale, one.opposite} - keys - {""}:
                raise ValueError(f"dichotomy {one.title!r} names scales that do not exist: {sorted(stray)}")

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
    def is_structure_only(self) -> bool:
        """Whether key and scales are here and the texts are not."""
        return not any(text.strip() for text in self.items.values())

    def require_texts(self) -> None:
        """Refuse to go on without texts.

        Raises:
            InputError: If the instrument is structure only; the message says what to import and how.
        """
        if self.is_structure_only:
            raise InputError(
                f"the texts of its {len(self.items)} items may not be shipped",
                where=self.key,
                remedy=f"{self.obtain} Then: personae instrument import YOUR_FILE --fill {self.key}, "
                f"and name the file {self.key}.toml that it writes",
            )

    @cached_property
    def _own_options(self) -> dict[str, tuple[Option, ...]]:
        return {item: one.options for one in self.formats for item in one.items}

    def options_of(self, item: str) -> tuple[Option, ...]:
        """Response options of an item by rising value: its own, else those of the whole form."""
        return self._own_options.get(item, self.options)

    def bounds(self, item: str) -> tuple[int, int]:
        """Smallest and largest value that the answer to an item can take."""
        options = self.options_of(item)
        return options[0].value, options[-1].value

    @property
    def is_forced_choice(self) -> bool:
        """Whether some options are keyed to scales, so that agreement and extremity mean nothing."""
        return any(option.keyed for one in self.formats for option in one.options) or any(
            option.keyed for option in self.options
        )

    @property
    def lowest(self) -> int:
        """Smallest value that an answer can take, whatever the item."""
        return min(self.bounds(item)[0] for item in self.items)

    @property
    def highest(self) -> int:
        """Largest value that an answer can take, whatever the item."""
        return max(self.bounds(item)[1] for item in self.items)

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
                "obtain": True,
                "scales": {"__all__": {"norms"}},
            },
        )
        _drop_unsaid(spelled)
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
        variant = self.wording(wording)
        return {item: variant.items[item] for item in self.items}

    def wording(self, key: str) -> Wording:
        """Find a wording other than the original by its key.

        Raises:
            KeyError: If the instrument has no such wording.
        """
        for variant in self.wordings:
            if variant.key == key:
                return variant
        known = ", ".join([ORIGINAL, *(variant.key for variant in self.wordings)])
        raise KeyError(f"{self.key} has no wording {key!r}; it has {known}")

    def wordings_in(self, language: str) -> tuple[str, ...]:
        """Keys of the wordings in a language, the original first if it is in that language."""
        found = [variant.key for variant in self.wordings if variant.language == language]
        return (ORIGINAL, *found) if self.language == language else tuple(found)

    def broad_scales(self) -> tuple[Scale, ...]:
        """Scales that are not a facet of another one."""
        return tuple(scale for scale in self.scales if not scale.within)

    def keying(self, scale: Scale) -> dict[str, int]:
        """Sign of each item of a scale: 1 keyed with it, -1 against it or with a weight that falls."""
        against: set[Any] = set(scale.reverse)
        against |= {item for item, weight in scale.weights.items() if _falls(weight)}
        return {item: -1 if item in against else 1 for item in scale.items}
