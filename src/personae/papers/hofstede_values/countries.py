"""Thirty-six countries with a main language each, and the country scores of Hofstede from a file of the user.

Which 36 countries the paper took is not at hand; these are ours. How well a language is served by data follows the
classes of Joshi et al. (2020) from memory: high for class 5, mid for 3 and 4, low below.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from personae.errors import InputError

Resource = Literal["high", "mid", "low"]

DIMENSIONS = ("individualism", "power_distance", "uncertainty_avoidance", "masculinity", "long_term_orientation")
_COLUMNS = {
    "individualism": ("idv", "individualism"),
    "power_distance": ("pdi", "power_distance"),
    "uncertainty_avoidance": ("uai", "uncertainty_avoidance"),
    "masculinity": ("mas", "masculinity"),
    "long_term_orientation": ("ltowvs", "lto", "long_term_orientation"),
}
"""Names that a column of scores may have; the first is that of the file on geerthofstede.com."""
_SAME = {
    "u.s.a.": "united states", "usa": "united states", "great britain": "united kingdom", "korea south": "south korea",
    "czech rep": "czechia", "slovak rep": "slovakia", "viet nam": "vietnam",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    """A country and the language that it is asked in."""

    name: str
    language: str
    resource: Resource


_TABLE = """
United States|English|high, United Kingdom|English|high, Germany|German|high, France|French|high, Spain|Spanish|high,
Japan|Japanese|high, China|Chinese|high, Egypt|Arabic|high, Mexico|Spanish|high, Brazil|Portuguese|mid,
Portugal|Portuguese|mid, Italy|Italian|mid, Netherlands|Dutch|mid, Sweden|Swedish|mid, Finland|Finnish|mid,
Poland|Polish|mid, Russia|Russian|mid, Turkey|Turkish|mid, South Korea|Korean|mid, Vietnam|Vietnamese|mid,
India|Hindi|mid, Iran|Persian|mid, Hungary|Hungarian|mid, Czechia|Czech|mid, Indonesia|Indonesian|mid,
Israel|Hebrew|mid, Thailand|Thai|mid, Greece|Greek|mid, Romania|Romanian|mid, Bulgaria|Bulgarian|mid,
Denmark|Danish|mid, Norway|Norwegian|low, Bangladesh|Bengali|mid, Pakistan|Urdu|mid, Ethiopia|Amharic|low,
Tanzania|Swahili|low"""
COUNTRIES: tuple[Country, ...] = tuple(
    Country(name, language, resource)  # type: ignore[arg-type]
    for name, language, resource in (row.strip().split("|") for row in _TABLE.replace("\n", " ").split(","))
)


def read_scores(path: Path) -> dict[str, Mapping[str, float]]:
    """Read country scores from a CSV, by country in lower case, then dimension.

    The layout is that of the file that Hofstede gives out for research (``ctr;country;pdi;idv;mas;uai;ltowvs;ivr``,
    with ``#NULL!`` for no score), or commas and full names. It is not shipped: its terms do not let us.

    Raises:
        InputError: If the file cannot be read, lacks the country or all dimensions, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="check the path"
        ) from error
    first = text.partition("\n")[0]
    rows = list(csv.DictReader(text.splitlines(), delimiter=";" if first.count(";") > first.count(",") else ","))
    columns = {name.strip().casefold(): name for name in (rows[0] if rows else {}) if name}
    named = {
        dimension: columns[found]
        for dimension, names in _COLUMNS.items()
        if (found := next((name for name in names if name in columns), ""))
    }
    if "country" not in columns or not named:
        raise InputError(
            "has no column country, or none of scores",
            where=str(path),
            remedy="the layout is country, idv, pdi, uai, mas, ltowvs",
        )
    scores: dict[str, Mapping[str, float]] = {}
    for number, row in enumerate(rows, start=2):
        name = (row[columns["country"]] or "").strip().casefold()
        scores[_SAME.get(name, name)] = {
            dimension: _score(row[column], f"{path}: line {number}, {column}") for dimension, column in named.items()
        }
    return scores


def _score(text: str | None, where: str) -> float:
    plain = (text or "").strip()
    if plain.upper() in ("", "#NULL!", "NA", "NULL"):
        return math.nan
    try:
        value = float(plain)
    except ValueError as error:
        raise InputError(f"{plain!r} is no score", where=where, remedy="write 0 to 120, or leave it empty") from error
    if not 0 <= value <= 120:
        raise InputError(f"{plain} is out of range", where=where, remedy="scores are from 0 to 120")
    return value
