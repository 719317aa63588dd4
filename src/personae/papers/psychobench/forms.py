"""The forms, and how the names of the published files lead to scales of ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from personae.errors import InputError
from personae.instrument import Instrument, Scale, load_instrument
from personae.instrument.importing import import_file
from personae.instrument.importing.imported import scale_key
from personae.papers.psychobench.settings import split

PUBLISHED: Mapping[str, str] = {
    "BFI": "bfi-44",
    "EPQ-R": "epq-r",
    "DTDD": "dtdd",
    "BSRI": "bsri",
    "VIS": "cabin",
    "CABIN": "cabin",
    "ICB": "icb",
    "ECR-R": "ecr-r",
    "GSE": "gse",
    "LOT-R": "lot-r",
    "LMS": "lms",
    "EIS": "eis",
    "WLEIS": "wleis",
    "Empathy": "empathy",
}
"""Forms by the names of the published files."""

_NAMES: Mapping[tuple[str, str], str] = {
    ("epq-r", "pschoticism"): "psychoticism",  # so spelled in the published files
    ("epq-r", "lying"): "lie",
    ("dtdd", "neuroticism"): "narcissism",  # so called in the published files
    ("ecr-r", "attachment_related_anxiety"): "anxiety",
    ("ecr-r", "attachment_related_avoidance"): "avoidance",
    ("lms", "factor_rich"): "rich",
    ("lms", "factor_motivator"): "motivator",
    ("lms", "factor_important"): "important",
    ("cabin", "business_iniatives"): "business_initiatives",
}


@lru_cache(maxsize=32)
def read_forms(spelled: str) -> tuple[Instrument, ...]:
    """The forms of a setting; structure alone cannot be asked.

    Raises:
        InputError: If one cannot be read, two share a key, or one has no texts.
    """
    found: list[Instrument] = []
    for name in split(spelled):
        path = Path(name)
        found += import_file(path).instruments if path.suffix.lower() == ".json" else [load_instrument(name)]
    for one in found:
        one.require_texts()
    keys = [one.key for one in found]
    if not found or len(set(keys)) < len(keys):
        raise InputError(
            "names no form" if not found else f"names {next(key for key in keys if keys.count(key) > 1)!r} twice",
            where="-P forms",
            remedy="name each form once",
        )
    return tuple(found)


def find_scale(form: Instrument, published: str) -> Scale | None:
    """The scale that a published category means; ``None`` if there is none."""
    key = scale_key(published)
    if key == "overall" and len(form.scales) == 1:
        return form.scales[0]
    wanted = _NAMES.get((form.key, key), key)
    return next((scale for scale in form.scales if scale.key == wanted), None)
