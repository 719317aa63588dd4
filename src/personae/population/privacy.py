"""Whether people can be told from each other by a few facts, and whether somebody made up is somebody real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population.distances import as_text, coded, distances_to
from personae.population.minhash import normalised
from personae.stats.estimate import Estimate
from personae.stats.proportion import proportion

if TYPE_CHECKING:
    import polars as pl

_RUN = 8


@dataclass(frozen=True, slots=True)
class Anonymity:
    """How many people share their quasi-identifiers."""

    columns: tuple[str, ...]
    k: int
    """The smallest group (k-anonymity; Sweeney, 2002)."""
    unique: Estimate
    """Share of people who are alone with theirs."""
    smallest: tuple[tuple[Any, ...], ...]
    """Some of the smallest groups."""
    risk: float
    """Mean probability of finding the right person: the mean of 1 / group size."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {"columns": list(self.columns), "k": self.k, "unique": self.unique.estimate, "risk": self.risk}


def anonymity(people: pl.DataFrame, columns: Sequence[str]) -> Anonymity:
    """How well people hide behind facts that others may know: age, home, occupation.

    Raises:
        InputError: If a column is not there.

    Example:
        >>> import polars as pl
        >>> found = anonymity(pl.DataFrame({"style": ["a", "a", "b"]}), ["style"])
        >>> found.k, round(found.unique.estimate, 2), round(found.risk, 2)
        (1, 0.33, 0.67)
    """
    if lacking := [name for name in columns if name not in people.columns] or (not columns and ["columns"]):
        raise InputError("is not among the columns", where=lacking[0], remedy=f"there are {', '.join(people.columns)}")
    groups = people.group_by(columns, maintain_order=True).len("__count").sort("__count", maintain_order=True)
    sizes = groups["__count"].to_numpy()
    few = groups.filter(groups["__count"] == sizes.min()).drop("__count").head(5)
    alone = int((sizes == 1).sum())
    return Anonymity(
        tuple(columns),
        int(sizes.min()),
        proportion(alone, people.height),
        tuple(few.rows()),
        len(sizes) / people.height,
    )


@dataclass(frozen=True, slots=True)
class NearCopy:
    """Somebody of a population, and the real person who is nearest."""

    person: int
    real: int
    distance: float


@dataclass(frozen=True, slots=True)
class Copies:
    """How near a population comes to real people, beside how near real people come to each other."""

    closest: tuple[NearCopy, ...]
    """Ten who are nearest among those looked at, identical ones first."""
    identical: Estimate
    """Share of all people who are some real person in every field."""
    identical_by_chance: Estimate
    """Share of all real people who are some other real person in every field: what few closed fields do."""
    nearer: Estimate
    """Share of people who are nearer to a real person than the nearest twentieth of other real people are: about .05 if
    nobody was copied. Its interval counts the error of both."""
    threshold: float

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "identical": self.identical.estimate,
            "identical_by_chance": self.identical_by_chance.estimate,
            "nearer": self.nearer.estimate,
            "nearer_low": self.nearer.low,
            "threshold": self.threshold,
            "closest": [[one.person, one.real, one.distance] for one in self.closest],
        }


def near_copies(
    people: pl.DataFrame, real: pl.DataFrame, *, rng: np.random.Generator, columns: Sequence[str] | None = None
) -> Copies:
    """Whether a population copies the people that it was made from (distance to the closest record).

    Everybody is looked for among all real people, field by field; numbers have to be the same to the last digit. For
    those who come near without being the same, real people are split in two halves; how near one half comes to the
    other is what chance does. People who are nearer than that to the half that they are held against are suspects.

    Args:
        people: The population; a thousand are looked at for near ones.
        real: The real people; four thousand are looked at for near ones.
        rng: Splits and draws.
        columns: What is compared; all shared columns but names, which copies change first, if not given.

    Raises:
        InputError: If there are fewer than ten real people.
    """
    if real.height < 10:
        raise InputError(f"{real.height} real people are too few", where="near copies", remedy="give ten or more")
    both = [name for name in people.columns if name in real.columns and name != "id"]
    shared = list(columns) if columns else [name for name in both if name != "name"] or both
    order = rng.permutation(real.height)[:4000]
    half = len(order) // 2
    known = coded(real[order], shared, like=real)
    chance = []
    for place in range(half, min(len(order), half + 1000)):
        chance.append(float(distances_to(known, known.row(place))[:half].min()))
    threshold = float(np.quantile(chance, 0.05))
    chosen = np.sort(rng.choice(people.height, min(people.height, 1000), replace=False))
    ours = coded(people[chosen], shared, like=real)
    found, nearer = [], 0
    for place, person in enumerate(chosen):
        gaps = distances_to(known, ours.row(place))
        nearest, near = int(gaps.argmin()), float(gaps[:half].min())
        nearer += near < threshold or (threshold == 0 and near == 0)
        found.append(NearCopy(int(person), int(order[nearest]), float(gaps[nearest])))
    same, twins = _same_people(people, real, shared)
    matched = [NearCopy(person, row, 0.0) for person, row in same[:10]]
    told = {one.person for one in matched}
    closest = matched + sorted((one for one in found if one.person not in told), key=lambda one: one.distance)
    return Copies(
        tuple(closest[:10]),
        proportion(len(same), people.height),
        proportion(twins, real.height),
        _beside_chance(nearer, len(found), len(chance)),
        threshold,
    )


def _beside_chance(nearer: int, n: int, m: int) -> Estimate:
    """A share whose interval takes in that the twentieth it is held against was estimated from m real people."""
    share = nearer / n
    both = max(1, round(n * m / (n + m)))
    inner = proportion(round(share * both), both)
    return Estimate(
        share, min(inner.low, share), max(inner.high, share), n, method="share, Wilson interval at 1 / (1/n + 1/m)"
    )


def _same_people(people: pl.DataFrame, real: pl.DataFrame, shared: Sequence[str]) -> tuple[list[tuple[int, int]], int]:
    """Rows of people who are a real person in every field, with the first such row, and how many real people are not
    the only one of their kind.
    """
    import polars as pl

    sides = []
    numbers = [name for name in shared if people.schema[name].is_numeric() and real.schema[name].is_numeric()]
    for frame in (people, real):
        columns = [frame[name].cast(pl.Float64) if name in numbers else as_text(frame, name) for name in shared]
        sides.append(pl.DataFrame(columns).with_row_index("__row"))
    ours, theirs = sides
    groups = theirs.group_by(shared, maintain_order=True).agg(pl.col("__row").first().alias("__real"), pl.len())
    twins = int(groups.filter(pl.col("len") > 1)["len"].sum())
    same = ours.join(groups, on=shared, how="inner", nulls_equal=True).sort("__row")
    return list(same.select("__row", "__real").iter_rows()), twins


def copied_runs(texts: Sequence[str], real: Sequence[str], *, words: int = _RUN) -> NDArray[np.int64]:
    """How many words of each text stand, in a run of several, in some real text too.

    When to use: where people were written by a model that had seen real profiles.

    Example:
        >>> real = ["I grew up on a farm near the lake with three brothers and a dog."]
        >>> copied_runs(["He grew up on a farm near the lake with his aunt."], real, words=6).tolist()
        [9]
    """
    seen: set[tuple[str, ...]] = set()
    for text in real:
        tokens = normalised(text).split()
        seen.update(tuple(tokens[k : k + words]) for k in range(len(tokens) - words + 1))
    counts = []
    for text in texts:
        tokens = normalised(text).split()
        inside = np.zeros(len(tokens), dtype=bool)
        for k in range(len(tokens) - words + 1):
            if tuple(tokens[k : k + words]) in seen:
                inside[k : k + words] = True
        counts.append(int(inside.sum()))
    return np.array(counts, dtype=np.int64)
