"""Names that several cultures share: is one of them taken for granted, and which are lost?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from personae.canonical import derive_seed
from personae.papers.presumed_cultural_identity.rows import (
    By,
    Excess,
    Question,
    Ruling,
    by_name,
    grouped,
    score,
)
from personae.stats import Estimate, one_sample_t, welch_t
from personae.study import Finding

_DRAWS = 2000
_FEWEST = 3  # names of a culture that others share, before anything is said of it


def measure_flattening(
    make: Callable[..., Finding],
    by: By,
    rulings: Sequence[Ruling],
    reference: Mapping[Question, float],
    tied: Sequence[Ruling],
) -> Iterator[Finding]:
    """Names that are shared, beside names that one culture has alone.

    - ``flattened.bias``: how much more often each of a name's cultures is presumed than without a name.
    - ``flattened.concentration``: the share of a name's presumptions that fall on its most presumed culture, less what
      that share would be if they fell evenly (it is above ``1 / k`` by chance alone). 0: no culture is preferred.
    - ``flattened_to.CULTURE``: the share of presumptions of names that it shares which fall on it, less an even share.
      Above 0 it absorbs others, below 0 it is absorbed.
    - ``flattened.tied_minus_shared``: bias of names that one culture has alone, less that of shared ones.

    Args:
        make: Makes a finding of a name and an estimate.
        by: Whose verdicts.
        rulings: All of a model.
        reference: Rates without a name.
        tied: Rulings on names that one culture has alone, judged for it.
    """
    shared = [one for one in rulings if one.condition == "shared"]
    if not shared:
        return
    excess = Excess.of(shared, reference, by)
    yield make("flattened.bias", excess.estimate(), family="flattened")
    # A shared name counts once, whatever the number of its cultures.
    of_shared = [
        float(np.nanmean(values)) for values in _gathered(by_name(excess)).values() if not np.isnan(values).all()
    ]
    of_tied = list(by_name(Excess.of(tied, reference, by)).values())
    yield make("flattened.tied_minus_shared", welch_t(of_tied, of_shared), family="flattened")
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


def _gathered(values: Mapping[str, float]) -> dict[str, list[float]]:
    """Means of names and cultures, by name."""
    found: dict[str, list[float]] = {}
    for pair, value in values.items():
        found.setdefault(pair.partition("\n")[0], []).append(value)
    return found


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
