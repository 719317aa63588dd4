"""Whether what respondents say of themselves goes with what they do (Han et al., 2025, ask it of language models).

Nothing follows from an association that is not significant. Each pair of a self-report and a behaviour is therefore put
to two tests: that they are associated, and that their association is too small to matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from numpy.typing import ArrayLike

from personae.errors import InputError
from personae.stats import Estimate, holm, proportion
from personae.stats.equivalence import Kind, equivalent_correlation

Verdict = Literal["as in people", "against people", "associated", "dissociated", "undecided"]
"""``associated``: where people are not known to go either way. ``dissociated``: shown to be too small to matter.
``undecided``: neither an association nor its absence is shown; more respondents are needed."""

Direction = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Pairing:
    """A self-report score and a behavioural score of the same respondents, and how they go together in people."""

    name: str
    self_report: ArrayLike
    """One score a respondent."""
    behaviour: ArrayLike
    """The behavioural score of the same respondents, in the same order."""
    human_direction: Direction = 0
    """Sign of the association in people; 0 if it is not known."""


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What one pair came to."""

    name: str
    association: Estimate
    """Correlation with its 95 % interval; p against 0, adjusted over all pairs in ``details``."""
    equivalence: Estimate
    """The same correlation; p that it is smaller than the bound."""
    human_direction: Direction
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Dissociation:
    """All pairs, and the shares over them."""

    pairs: Sequence[PairVerdict]
    associated: Estimate
    """Share of pairs with an association that stands after correction."""
    dissociated: Estimate
    """Share of pairs that are shown to be as good as unrelated."""
    in_human_direction: Estimate
    """Share of pairs with a known human direction whose correlation has its sign, whatever its size; p against .5."""
    human_among_associated: Estimate
    """The same among pairs that are associated."""


def dissociation(
    pairings: Sequence[Pairing],
    *,
    clusters: Sequence[object] | None = None,
    bound: float = 0.3,
    kind: Kind = "spearman",
    alpha: float = 0.05,
) -> Dissociation:
    """Test every pair for an association and for its absence, Holm-corrected over the pairs.

    Args:
        pairings: The pairs; all of the same respondents if there are clusters.
        clusters: What respondents share, such as the model that plays them; one an entry of the scores.
        bound: Smallest correlation that would matter. A correlation of .3 is 9 % of shared variance.
        kind: Correlation of values or of ranks.
        alpha: Level of both tests.

    Raises:
        InputError: If there is no pair, or scores differ in length.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(1)
        >>> trait = rng.normal(size=300)
        >>> found = dissociation([
        ...     Pairing("risk", trait, trait + rng.normal(size=300), human_direction=1),
        ...     Pairing("honesty", trait, rng.normal(size=300), human_direction=1),
        ... ])
        >>> [one.verdict for one in found.pairs]
        ['as in people', 'dissociated']
    """
    if not pairings:
        raise InputError("there is no pair of self-report and behaviour", remedy="give at least one")
    tests = [
        equivalent_correlation(one.self_report, one.behaviour, bound=bound, kind=kind, clusters=clusters, alpha=alpha)
        for one in pairings
    ]
    associations = [
        equivalent_correlation(one.self_report, one.behaviour, bound=bound, kind=kind, clusters=clusters, alpha=0.025)
        for one in pairings
    ]
    p_difference = holm([test.details.get("p_difference") for test in tests])
    p_same = holm([test.p_value for test in tests])
    verdicts = []
    for pairing, test, wide, differs, same in zip(pairings, tests, associations, p_difference, p_same, strict=True):
        details: Mapping[str, float] = {} if differs is None else {"p_adjusted": differs}
        association = replace(
            wide,
            method=wide.method.replace(f"two one-sided tests against ±{bound:g} on", "interval on"),
            p_value=wide.details.get("p_difference"),
            details={**wide.details, **details},
        )
        equivalence = replace(test, details={**test.details, **({} if same is None else {"p_adjusted": same})})
        verdict = _judge(pairing.human_direction, test.estimate, differs, same, alpha)
        verdicts.append(PairVerdict(pairing.name, association, equivalence, pairing.human_direction, verdict))
    return _summarise(verdicts)


def _judge(direction: Direction, r: float, differs: float | None, same: float | None, alpha: float) -> Verdict:
    if same is not None and same < alpha:
        return "dissociated"  # also where a tiny correlation is significant: it is shown not to matter
    if differs is not None and differs < alpha:
        if direction == 0:
            return "associated"
        return "as in people" if r * direction > 0 else "against people"
    return "undecided"


def _summarise(pairs: Sequence[PairVerdict]) -> Dissociation:
    known = [one for one in pairs if one.association.estimate == one.association.estimate]
    missing = len(pairs) - len(known)
    related = [one for one in known if one.verdict in ("as in people", "against people", "associated")]
    directed = [one for one in known if one.human_direction]
    unrelated = sum(one.verdict == "dissociated" for one in known)
    return Dissociation(
        tuple(pairs),
        replace(proportion(len(related), len(known), missing=missing), method="share of pairs, Wilson interval"),
        replace(proportion(unrelated, len(known), missing=missing), method="share of pairs, Wilson interval"),
        _agreement(directed, missing),
        _agreement([one for one in related if one.human_direction], missing),
    )


def _agreement(pairs: Sequence[PairVerdict], missing: int) -> Estimate:
    """Share of pairs that go as they do in people, against the half that chance gives."""
    from scipy.stats import binomtest

    agreed = sum(one.association.estimate * one.human_direction > 0 for one in pairs)
    found = proportion(agreed, len(pairs), missing=missing)
    p = float(binomtest(agreed, len(pairs)).pvalue) if pairs else None
    return replace(
        found,
        method="share of pairs in the human direction, Wilson interval; binomial test against one half",
        p_value=p,
        note=found.note or "pairs share respondents and are not independent: p is a description",
    )
