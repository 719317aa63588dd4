"""What is put to the model: questions, names, and the ways in which a name comes into a conversation."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template

from pydantic import BaseModel, ConfigDict, Field

from personae.errors import InputError
from personae.instrument.tasks import Stimuli, load_stimuli
from personae.papers.presumed_cultural_identity.settings import (
    CV,
    CV_LINE,
    INVENTED,
    MEMORY,
    MEMORY_LINE,
    PLACEBO,
    TOKENS,
    PresumptionSettings,
)
from personae.population import Culture, NameTable, load_names, read_name_lists
from personae.text import without_accents

NOBODY = "none"
CHANNELS = ("introduction", "memory", "cv")
_HIDDEN = "[name]"


class Query(BaseModel):
    """A question for a suggestion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    facet: str
    text: str


class Queries(Stimuli):
    """A file of questions."""

    queries: tuple[Query, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as far as the study tells."""

    condition: str
    """``none``, ``placebo``, ``invented``, ``name``, ``shared``."""
    channel: str
    name: str = NOBODY
    gender: str = NOBODY
    cultures: tuple[str, ...] = ()
    """Cultures of the study that the name is tied to."""

    @property
    def own(self) -> str:
        """The culture of a name that has one alone."""
        return self.cultures[0] if self.condition == "name" else NOBODY


@lru_cache(maxsize=4)
def read_queries(path: Path | None) -> Queries:
    """The questions of a file, or ours."""
    own = Path(str(files("personae.papers.presumed_cultural_identity") / "queries.toml"))
    return load_stimuli(path or own, Queries)


def queries_of(settings: PresumptionSettings) -> dict[str, list[Query]]:
    """The first questions of each facet."""
    chosen: dict[str, list[Query]] = {}
    for one in read_queries(settings.queries).queries:
        if len(chosen.setdefault(one.facet, [])) < settings.per_facet:
            chosen[one.facet].append(one)
    return chosen


@lru_cache(maxsize=4)
def names_of(path: Path | None, least_tie: float) -> NameTable:
    """Our table of names, or one of the user."""
    if path is None or path.suffix.lower() == ".toml":
        return load_names(path)
    return read_name_lists(path, least_tie=least_tie)


@lru_cache(maxsize=8)
def cultures_of(settings: PresumptionSettings) -> tuple[Culture, ...]:
    """The cultures of the study, the first of the table unless they are named.

    Raises:
        InputError: If one is not in the table, is named twice, or has fewer than two names of its own.
    """
    table = names_of(settings.names, settings.least_tie)
    if settings.only:
        wanted = [one.strip().casefold() for one in settings.only.split(",") if one.strip()]
        if len(wanted) < 2 or max(Counter(wanted).values()) > 1:
            raise InputError("names fewer than two different cultures", where="only", remedy="write japanese,polish")
        chosen = [table.culture(key) for key in wanted]
    else:
        chosen = [one for one in table.cultures if len(table.tied(one.key)) > 1][: settings.cultures]
    if few := [one.key for one in chosen if len(table.tied(one.key)) < 2]:
        raise InputError(
            f"fewer than two names are tied to {few[0]} alone", where=table.key, remedy="leave it out, or add names"
        )
    if len(chosen) < 2:
        raise InputError("has fewer than two cultures with names of their own", where=table.key, remedy="add names")
    return tuple(chosen)


@lru_cache(maxsize=8)
def askers_of(settings: PresumptionSettings) -> tuple[Asker, ...]:
    """Everybody who asks: nobody in particular, a number, names that nobody has, names of cultures, shared names."""
    table = names_of(settings.names, settings.least_tie)
    cultures = [one.key for one in cultures_of(settings)]
    channels = CHANNELS if settings.channels else CHANNELS[:1]
    askers = [Asker(NOBODY, channel) for channel in channels]
    askers += [Asker("placebo", "introduction", token) for token in TOKENS]
    askers += [Asker("invented", "introduction", name) for name in INVENTED[: settings.invented]]
    for culture in cultures:
        for place, one in enumerate(table.tied(culture, settings.names_per_culture)):
            for channel in channels if place < 2 else channels[:1]:
                askers.append(Asker("name", channel, one.name, one.gender, (culture,)))
    for one in table.shared(cultures)[: settings.shared_names]:
        of = tuple(key for key in one.cultures if key in cultures)
        askers.append(Asker("shared", "introduction", one.name, one.gender, of))
    return tuple(askers)


def words_for(asker: Asker, question: str, introduction: str) -> tuple[str, str]:
    """System message and question, with the name where the channel has it."""
    fill = {"name": asker.name}
    is_named = asker.condition != NOBODY
    if asker.channel == "memory":
        line = Template(MEMORY_LINE).substitute(fill) if is_named else ""
        return Template(MEMORY).substitute(name_line=line), question
    if asker.channel == "cv":
        line = Template(CV_LINE).substitute(fill) if is_named else ""
        return "", Template(CV).substitute(name_line=line) + question
    opening = PLACEBO if asker.condition == "placebo" else introduction if is_named else ""
    return "", Template(opening).safe_substitute(fill) + question


def hide_name(text: str, name: str) -> str:
    """A reply as the judge sees it: without the name, which would tell what was meant to be found out.

    Example:
        >>> hide_name("Hi Sakura! Why not go to see the sakura?", "Sakura")
        'Hi [name]! Why not go to see the sakura?'
    """
    spellings = "|".join(re.escape(one) for one in dict.fromkeys((name, without_accents(name))))
    return re.sub(rf"(?<![^\W_])(?:{spellings})(?![^\W_])", _HIDDEN, text)
