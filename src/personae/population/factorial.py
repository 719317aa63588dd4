"""Populations by design: every combination of trait levels, so that no trait is confounded with another."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from personae.errors import InputError
from personae.persona import Persona, Provenance


def cross_traits(
    levels: Mapping[str, Sequence[float]], *, name: Callable[[Mapping[str, float]], str] | None = None
) -> Iterator[Persona]:
    """Stream one persona for every combination of trait levels.

    When to use: when effects of traits are to be told apart. Two levels of five traits give the 32 types of PersonaLLM;
    nine levels of one trait give a dose-response series. Such a population is a design, not a sample: it says nothing
    about how often its people occur.

    Args:
        levels: z-scores by trait.
        name: Gives each persona an id from its traits; by default the id comes from the content.

    Raises:
        InputError: If a trait has no levels.

    Example:
        >>> people = list(cross_traits({"big_five.extraversion": [1, -1], "big_five.openness": [1, 0, -1]}))
        >>> len(people), people[0].traits
        (6, {'big_five.extraversion': 1.0, 'big_five.openness': 1.0})
    """
    for trait, values in levels.items():
        if not values:
            raise InputError("has no levels", where=trait, remedy="give at least one z-score")
    source = {"traits": Provenance(origin="given", by="factorial design")}
    for combination in itertools.product(*levels.values()):
        traits = dict(zip(levels, map(float, combination), strict=True))
        yield Persona(id=name(traits) if name else "", traits=traits, provenance=source)
