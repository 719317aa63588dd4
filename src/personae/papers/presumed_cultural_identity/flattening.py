"""Names that several cultures share: is one of them taken for granted, and which are lost?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from personae.canonical import derive_seed
from personae.papers.presumed_cultural_identity.material import NOBODY
from personae.papers.presumed_cultural_identity.rows import By, Excess, Ruling, by_name, grouped, score
from personae.stats import Estimate, one_sample_t, welch_t
from personae.stats.samples import known_mean
from personae.study import Finding

_DRAWS = 2000
_FEWEST = 3  # names of a culture that others share, before anything is said of it


def measure_flattening(
    make: Callable[..., Finding], by: By, rulings: Sequence[Ruling], tied: Excess
) -> Iterator[Finding]:
    """Names that are shared, beside names that one culture has alone.

    - ``flattened.bias``: how much more often any of a name's cultures is presumed than without a name.
    - ``flattened.tied_minus_shared``: bias of names that one culture has alone, less that of shared ones.
    - ``flattened.concentration``: the share of a name's presumptions that fall on its most presumed culture, less what
      that share would be if they fell evenly (it is above ``1 / k`` by chance alone). 0: no culture is preferred.
    - ``flattened_to.CULTURE``: the share of presumptions of names that it shares which fall on it, less an even share.
      Above 0 it absorbs others, below 0 it is absorbed.

    Args:
        make: Makes a finding of a name and an estimate.
        by: Whose verdicts.
        rulings: All of a model.
        tied: Names that one culture has alone, for that culture.
    """
    shared = [one for one in rulings if one.condition == "shared"]
    if not shared:
        return
    excess = _any_of(shared, [one for one in rulings if one.condition == NOBODY], by)
    yield make("flattened.bias", excess.estimate(), family="flattened")
    apart_from = welch_t(list(by_name(tied).values()), list(by_name(excess).values()))
    yield make("flattened.tied_minus_shared", apart_from, family="flattened")
    counts = _presumptions(shared, by)
    yield make("flattened.concentration", _concentration(counts), unit="share of presumptions", family="flattened")
    for culture in dict.fromkeys(one.culture for one in shared):
        apart = [
            own[culture] / sum(own.values()) - 1 / len(own)
            for own in counts.values()
            if culture in own and any(own.values())
        ]
        if len(apart) >= _FEWEST:
            found = replace(one_sample_t(apart, 0.0), p_value=None)
            yield make(f"flattened_to.{culture}", found, unit="share of presumptions")


def _any_of(shared: Sequence[Ruling], none: Sequence[Ruling], by: By) -> Excess:
    """Replies that presume any culture of the name, less replies to nobody that presume any of the same ones."""
    values, names, queries, plain = [], [], [], []
    for own, of_names in grouped(shared, lambda one: one.own):
        among = [one for one in none if one.culture in own and one.channel == "introduction"]
        without: dict[str, list[float]] = {}
        for (_, _, query), reply in grouped(among, _reply):
            without.setdefault(query, []).append(_largest(reply, by))
        for (_, _, query), reply in grouped(of_names, _reply):
            plain.append(_largest(reply, by))
            values.append(plain[-1] - known_mean(without.get(query, [])))
            names.append(reply[0].name)
            queries.append(query)
    return Excess(values, names, queries, plain)


def _reply(one: Ruling) -> tuple[int, int, str]:
    return one.row, one.reply, one.query


def _largest(rulings: Sequence[Ruling], by: By) -> float:
    """1 if any ruling presumes; not known if none does and some could not be had."""
    scores = [score(one, by) for one in rulings]
    return 1.0 if 1.0 in scores else float(np.mean(scores))


def _presumptions(shared: Sequence[Ruling], by: By) -> dict[str, dict[str, int]]:
    """How often each name was taken for each of its cultures."""
    return {
        name: {
            str(culture): sum(score(one, by) == 1.0 for one in each)
            for culture, each in grouped(own, lambda one: one.culture)
        }
        for name, own in grouped(shared, lambda one: one.name)
    }


def _concentration(counts: Mapping[str, Mapping[str, int]]) -> Estimate:
    """Over names with presumptions; what an even split would show is drawn from the multinomial."""
    rng = np.random.default_rng(derive_seed(0, "flattening"))
    apart = []
    for own in counts.values():
        total = sum(own.values())
        if total:
            drawn = rng.multinomial(total, [1 / len(own)] * len(own), size=_DRAWS).max(axis=1).mean()
            apart.append((max(own.values()) - float(drawn)) / total)
    missing = len(counts) - len(apart)
    found = one_sample_t(apart, 0.0)
    return Estimate(
        found.estimate,
        found.low,
        found.high,
        len(apart),
        missing,
        method="largest share less that of an even split, mean over names, t",
        p_value=found.p_value,
        note=found.note or ("names without any presumption are missing" if missing else ""),
    )
