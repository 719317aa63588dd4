"""What every statistic here returns: an estimate with its interval, its n and what was missing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number that can be defended: the estimate, how far it may be off, and what it rests on.

    An estimate that cannot be computed (constant answers, too few values) is NaN with NaN bounds; ``note`` says why.
    It is never silently replaced by 0.
    """

    estimate: float
    """The point estimate."""
    low: float
    """Lower bound of the interval."""
    high: float
    """Upper bound of the interval."""
    n: int
    """How many units the estimate rests on, after missing ones were set aside."""
    missing: int = 0
    """How many units were set aside because a value was missing."""
    level: float = 0.95
    """Coverage that the interval claims."""
    method: str = ""
    """Formula and kind of interval, in words: "Cohen's d, noncentral t interval"."""
    conventions: tuple[str, ...] = ()
    """Choices that papers differ in, spelled ``name=value``: ("ddof=0", "pooled=weighted")."""
    p_value: float | None = None
    """Two-sided p value, where the method is a test."""
    statistic: float | None = None
    """Test statistic that the p value belongs to."""
    note: str = ""
    """Why the estimate is NaN, or what else a reader must know."""
    details: dict[str, float] = field(default_factory=dict)
    """Further numbers of the method: degrees of freedom, group means, standard errors."""
