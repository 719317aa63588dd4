"""What is measured, by which instruments, and what should go with what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from personae.instrument import Instrument, Scale, list_instruments, load_instrument

TRAITS: Mapping[str, str] = {
    "extraversion": "big_five.extraversion",
    "agreeableness": "big_five.agreeableness",
    "conscientiousness": "big_five.conscientiousness",
    "neuroticism": "big_five.neuroticism",
    "openness": "big_five.openness",
}
LONG, SHORT = "ipip-neo-300", "ipip-neo-120"
BFI = "bfi-44"
RELIABLE = 0.70
"""From which a coefficient is called acceptable."""
DISTINCT = 0.40
"""From which a discriminant difference is."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A construct outside the Big Five that a trait should go with."""

    key: str
    trait: str
    sign: int
    instrument: str
    scales: str
    """Pattern of the keys of the scales that are averaged."""


CRITERIA = (
    Criterion("positive_affect", "extraversion", 1, "panas", r"^pos|^pa$"),
    Criterion("negative_affect", "extraversion", -1, "panas", r"^neg|^na$"),
    Criterion("physical_aggression", "agreeableness", -1, "bpaq", r"phys"),
    Criterion("verbal_aggression", "agreeableness", -1, "bpaq", r"verb|vrbl"),
    Criterion("anger", "agreeableness", -1, "bpaq", r"ang"),
    Criterion("hostility", "agreeableness", -1, "bpaq", r"host|hstl"),
    Criterion("achievement", "conscientiousness", 1, "pvq-rr", r"^achievement$|^achv$"),
    Criterion("conformity", "conscientiousness", 1, "pvq-rr", r"^conformity|^conf$"),
    Criterion("security", "conscientiousness", 1, "pvq-rr", r"^security|^scrt$"),
    Criterion("negative_affect", "neuroticism", 1, "panas", r"^neg|^na$"),
    Criterion("positive_affect", "neuroticism", -1, "panas", r"^pos|^pa$"),
    Criterion("creative_self_efficacy", "openness", 1, "sscs", r"efficacy|^cse$"),
    Criterion("creative_identity", "openness", 1, "sscs", r"identity|^cpi$"),
)
"""The published pairs, with the direction that is expected from people."""


def batteries(own: Mapping[str, Instrument], inventory: str = SHORT) -> dict[str, Instrument]:
    """The instruments that can be put: those of the library with texts, and the user's own.

    Args:
        own: Batteries that the user brings, by their short names.
        inventory: Inventory of the five traits beside the BFI.
    """
    found = {"ipip": load_instrument(inventory), "bfi": load_instrument(BFI)}
    for key in dict.fromkeys(one.instrument for one in CRITERIA):
        if key in own:
            found[key] = own[key]
        elif key in list_instruments() and not (shipped := load_instrument(key)).is_structure_only:
            found[key] = shipped
    if "pvq-rr" in found:
        found["pvq-rr"] = _neutral(found["pvq-rr"])
    return found


def lacking(given: Mapping[str, Instrument]) -> list[str]:
    """Batteries of the published design that nobody brought."""
    return [key for key in dict.fromkeys(one.instrument for one in CRITERIA) if key not in given]


def scales_of(instrument: Instrument, criterion: Criterion) -> list[Scale]:
    """The scales of a criterion."""
    return [scale for scale in instrument.scales if re.search(criterion.scales, scale.key)]


def wording_of(instrument: Instrument) -> str:
    """A wording that speaks of nobody's gender, where there is one."""
    keys = [wording.key for wording in instrument.wordings]
    return "either" if "either" in keys else "original"


def _neutral(instrument: Instrument) -> Instrument:
    """Only the scales and items that the design uses, as published."""
    wanted = [scale for one in CRITERIA if one.instrument == "pvq-rr" for scale in scales_of(instrument, one)]
    from personae.instrument.conditioning import held_out

    kept = {item for scale in wanted for item in scale.items}
    return held_out(instrument, [item for item in instrument.item_ids if item not in kept])
