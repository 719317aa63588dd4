"""National lists of names as a table of names: a name is kept for a culture that most of its bearers come from.

Lists have a row for each name: the name, who bears it, and how many do (or its rank). Cultures are weighed alike, so
that a large country does not own every name: the tie of a name to a culture is its share of that culture's bearers,
divided by the sum of such shares over all cultures. A tie only speaks of the cultures whose lists are there.
"""

from __future__ import annotations

import csv
import json
import math
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.population.names import Culture, Gender, GivenName, NameTable, folded_name, load_names

LEAST_TIE = 0.8
"""From which tie on a name counts as one culture's own. The paper kept names that are tied strongly to one culture; its
bound is not at hand, and this one is ours."""
SHARED_TIE = 0.1
"""From which tie on a culture is one of those that share a name."""
ONE_GENDER = 0.9
"""Share of bearers from which on a name is of one gender."""

_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".json", ".zip")
_MOST_BYTES = 2_000_000_000
"""Of an unpacked file in a zip; that of names-dataset 3 has a few hundred megabytes."""
_CODES = {
    "BR": "brazilian", "CN": "chinese", "DE": "german", "EG": "egyptian", "ES": "spanish", "ET": "ethiopian",
    "FR": "french", "GH": "ghanaian", "GR": "greek", "ID": "indonesian", "IE": "irish", "IL": "israeli",
    "IN": "indian", "IR": "iranian", "IT": "italian", "JP": "japanese", "KR": "korean", "MA": "moroccan",
    "MX": "mexican", "NG": "nigerian", "PH": "filipino", "PK": "pakistani", "PL": "polish", "RU": "russian",
    "SA": "saudi", "TH": "thai", "TR": "turkish", "UA": "ukrainian", "US": "american", "VN": "vietnamese",
}  # fmt: skip
"""Cultures of our table by the code of the country (ISO 3166-1 alpha-2)."""
_COLUMNS = {
    "name": ("name", "first_name", "firstname", "given_name", "forename", "prenom", "vorname", "nombre"),
    "culture": ("culture", "country", "nation", "nationality", "localized_country"),
    "gender": ("gender", "sex", "sexe", "geschlecht", "sexo"),
    "count": ("count", "number", "frequency", "n", "total", "births", "anzahl", "nombre_de_naissances"),
    "rank": ("rank", "rang"),
}
_SPELT: tuple[tuple[Gender, str], ...] = (
    ("feminine", "f female feminine woman girl w weiblich 2"),
    ("masculine", "m male masculine man boy männlich h 1"),
    ("either", "u unisex either x e ?"),
)
_GENDERS: Mapping[str, Gender] = {"": "either", **{word: gender for gender, words in _SPELT for word in words.split()}}
Amounts = defaultdict[str, float]


@dataclass(frozen=True, slots=True)
class Bearers:
    """A row of a list: how many in a culture bear a name."""

    culture: str
    name: str
    gender: Gender
    count: float


def read_name_lists(path: Path, *, least_tie: float = LEAST_TIE) -> NameTable:
    """Read a list, or a folder of one list for each culture, and select names.

    A file holds the columns ``name``, and as far as there are any ``culture`` (or ``country``), ``gender`` (or ``sex``)
    and ``count`` (or ``rank``, of which ``1 / rank`` is taken). Without a column of cultures the file's name tells:
    ``japan.csv``. Lines such as ``Mary,F,7065`` without a header are read too, and so is the file of the package
    names-dataset 3 (Remy, 2021), from whose ranks the paper took its names: ``first_names.zip``, or the JSON in it.

    Raises:
        InputError: If nothing can be read, a row is malformed, or there is one culture only.
    """
    found = sorted(one for one in path.iterdir() if _is_list(one)) if path.is_dir() else [path]
    rows = [row for one in found for row in _rows(one)]
    if len({row.culture for row in rows}) < 2:
        raise InputError(
            f"holds names of {len({row.culture for row in rows})} cultures",
            where=str(path),
            remedy="a tie compares cultures: give a column culture, or a folder with a file for each",
        )
    return select_names(rows, key=path.name, source=f"lists of names: {path.name}", least_tie=least_tie)


def select_names(rows: Iterable[Bearers], *, key: str, source: str, least_tie: float = LEAST_TIE) -> NameTable:
    """Select names that one culture has nearly for itself, and those that several share.

    Example:
        >>> rows = [Bearers("Japan", "Yui", "feminine", 70), Bearers("Japan", "Maria", "feminine", 30)]
        >>> rows += [Bearers("Spain", "María", "feminine", 60), Bearers("Spain", "Borja", "masculine", 40)]
        >>> table = select_names(rows, key="two", source="made up")
        >>> [(one.name, one.cultures, round(one.ties[0], 2)) for one in table.names]
        [('Yui', ('japanese',), 1.0), ('Borja', ('spanish',), 1.0), ('María', ('spanish', 'japanese'), 0.67)]
    """
    counts, genders, spellings = (defaultdict[str, Amounts](_amounts) for _ in range(3))
    totals = _amounts()
    known = {word.casefold(): one for one in load_names().cultures for word in (one.key, *one.called)}
    cultures: dict[str, Culture] = {}
    for row in rows:
        culture = known.get(row.culture.casefold()) or _unknown(row.culture, where=key)
        cultures.setdefault(culture.key, culture)
        name = folded_name(row.name)
        counts[name][culture.key] += row.count
        genders[name][row.gender] += row.count
        spellings[name][row.name] += row.count
        totals[culture.key] += row.count
    kept: list[tuple[float, GivenName]] = []
    dropped = Counter[str]()
    for name, own in counts.items():
        shares = {culture: own[culture] / totals[culture] for culture in own if totals[culture]}
        whole = math.fsum(shares.values())
        if not whole:
            dropped["nobody bears it"] += 1
            continue
        ties = sorted(((share / whole, culture) for culture, share in shares.items()), reverse=True)
        sharing = [one for one in ties if one[0] >= SHARED_TIE]
        if len(sharing) < 2 and ties[0][0] < least_tie:
            dropped["spread over many cultures"] += 1
            continue
        close = ties[:1] if ties[0][0] >= least_tie else sharing
        spelling = max(spellings[name], key=spellings[name].__getitem__)
        tied_to, strengths = tuple(culture for _, culture in close), tuple(tie for tie, _ in close)
        kept.append((shares[ties[0][1]], GivenName(spelling, _gender(genders[name]), tied_to, strengths)))
    # Names of one culture first, the most frequent of each first.
    kept.sort(key=lambda one: (one[1].is_shared, -one[0], one[1].name))
    return NameTable(key, source, tuple(cultures.values()), tuple(one for _, one in kept), dict(dropped))


def _amounts() -> Amounts:
    return defaultdict(float)


def _gender(counts: Amounts) -> Gender:
    told = counts["feminine"] + counts["masculine"]
    share = counts["feminine"] / told if told else 0.5
    return "feminine" if share >= ONE_GENDER else "masculine" if share <= 1 - ONE_GENDER else "either"


def _unknown(culture: str, where: str) -> Culture:
    key = re.sub(r"[^a-z0-9]+", "_", folded_name(culture)).strip("_")
    if not key:
        raise InputError(f"{culture!r} names no culture", where=where, remedy="write it in Latin letters")
    return Culture(key, culture, culture)


def _rows(path: Path) -> Iterator[Bearers]:
    if path.suffix.lower() in (".json", ".zip"):
        yield from _dataset(path)
        return
    table = _parquet(path) if path.suffix.lower() == ".parquet" else _lines(path)
    for number, row in enumerate(table, start=2):
        at = f"{path}, line {number}"
        lower = {str(key).strip().casefold(): value for key, value in row.items() if key}
        read = {want: next((lower[n] for n in names if n in lower), None) for want, names in _COLUMNS.items()}
        name = str(read["name"] or "").strip()
        if not name:
            raise InputError("has no name", where=at, remedy="columns are name, culture, gender, count")
        gender = str(read["gender"] or "").strip().casefold()
        if gender not in _GENDERS:
            raise InputError(f"the gender is {gender!r}", where=at, remedy="write F, M, or nothing")
        culture = str(read["culture"] or "").strip() or path.stem.replace("_", " ")
        shown = name.title() if name.isupper() else name
        yield Bearers(culture, shown, _GENDERS[gender], _count(read, at))


def _is_list(path: Path) -> bool:
    """Whether a file of a folder is a list; JSON and zip files are, under the name that the dataset gives them."""
    suffix = path.suffix.lower()
    return suffix in _SUFFIXES and (suffix not in (".json", ".zip") or path.stem == "first_names")


def _dataset(path: Path) -> Iterator[Bearers]:
    """Names by their ranks in countries: ``{"Yui": {"country": {"JP": 1}, "gender": {"F": 1}, "rank": {"JP": 3}}}``.

    A name counts in a country as ``1 / rank``, parted by gender.
    """
    names = _unpacked(path)
    for name, told in names.items():
        try:
            ranks = {code: float(rank) for code, rank in told["rank"].items() if rank is not None}
            shares = {code: float(share) for code, share in told["gender"].items()} or {"": 1.0}
            parts = [(_GENDERS[code.casefold()], share) for code, share in shares.items() if share > 0]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InputError(
                f"is no entry of names-dataset ({type(error).__name__}: {error})",
                where=f"{path}, {name}",
                remedy="give first_names.json with gender and rank by country",
            ) from error
        for code, rank in ranks.items():
            if rank < 1:
                raise InputError(f"the rank is {rank:g}", where=f"{path}, {name}", remedy="ranks begin with 1")
            for gender, share in parts:
                yield Bearers(_CODES.get(code, code), name, gender, share / rank)


def _unpacked(path: Path) -> dict[str, Any]:
    try:
        if path.suffix.lower() == ".json":
            read = json.loads(path.read_text(encoding="utf-8-sig"))
        else:
            with zipfile.ZipFile(path) as packed:
                (member,) = [one for one in packed.infolist() if one.filename.endswith(".json")]
                if member.file_size > _MOST_BYTES:
                    raise InputError("unpacks to more than 2 GB", where=str(path), remedy="give the JSON, cut down")
                read = json.loads(packed.read(member))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give first_names.zip or its JSON"
        ) from error
    if not isinstance(read, dict):
        raise InputError("is no object of names", where=str(path), remedy="give first_names.json of names-dataset 3")
    return read


def _parquet(path: Path) -> Iterable[Mapping[str, Any]]:
    import polars as pl

    try:
        return pl.read_parquet(path).to_dicts()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("is no Parquet file", where=str(path), remedy="write it again, or give a CSV") from error


def _lines(path: Path) -> Iterable[Mapping[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({type(error).__name__})", where=str(path), remedy="give UTF-8") from error
    lines = text.splitlines()
    first = lines[0] if lines else ""
    mark = max(",;\t", key=first.count)
    # The lists of the US Social Security Administration have no header: Mary,F,7065.
    is_bare = re.fullmatch(r"[^,;\t]+[,;\t][MF][,;\t]\d+", first.strip()) is not None
    return csv.DictReader(lines, fieldnames=("name", "gender", "count") if is_bare else None, delimiter=mark)


def _count(read: Mapping[str, Any], at: str) -> float:
    for column in ("count", "rank"):
        given = read[column]
        if given in (None, ""):
            continue
        try:
            value = float(str(given).replace(" ", ""))
        except ValueError as error:
            raise InputError(f"the {column} is {given!r}", where=at, remedy="write a plain number") from error
        if not math.isfinite(value) or value < 0 or (column == "rank" and not value):
            raise InputError(f"the {column} is {given}", where=at, remedy="write a number above 0")
        return value if column == "count" else 1.0 / value
    return 1.0
