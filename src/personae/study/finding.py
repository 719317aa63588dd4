"""Findings: numbers with an interval, an n and their conventions. Claims: published numbers to hold them against."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from personae.stats.estimate import Estimate
from personae.stats.multiplicity import Method, adjust_families

AS_PUBLISHED = "as_published"
CORRECTED = "corrected"

Confidence = Literal["verified", "memory"]
"""``verified`` against the paper's own text or table, or from ``memory`` of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. Never a bare number: interval, n, missing and conventions belong to it."""

    name: str
    """What was estimated, in dotted words: ``d.extraversion``."""
    subject: str
    """Of whom: the model that was observed."""
    estimate: float
    low: float
    high: float
    n: int
    """Units that the estimate rests on."""
    missing: int
    """Units that were set aside because a value was missing."""
    unit: str = ""
    method: str = ""
    conventions: tuple[str, ...] = ()
    """Choices that papers differ in; the first tells the published way (``as_published``) from ours (``corrected``)."""
    p_value: float | None = None
    p_adjusted: float | None = None
    """p value after correction for all that was tested."""
    family: str = ""
    """The group of tests that the correction was made in."""
    note: str = ""

    @staticmethod
    def of(
        name: str,
        subject: str,
        estimate: Estimate,
        *,
        unit: str = "",
        conventions: Sequence[str] = (),
        family: str = "",
    ) -> Finding:
        """Make a finding of an estimate; its conventions follow those given here."""
        return Finding(
            name=name,
            subject=subject,
            estimate=estimate.estimate,
            low=estimate.low,
            high=estimate.high,
            n=estimate.n,
            missing=estimate.missing,
            unit=unit,
            method=estimate.method,
            conventions=(*conventions, *estimate.conventions),
            p_value=estimate.p_value,
            family=family if estimate.p_value is not None else "",
            note=estimate.note,
        )

    def is_significant(self, alpha: float = 0.05) -> bool:
        """Whether the finding stands after correction for everything that was tested beside it."""
        return self.p_adjusted is not None and self.p_adjusted < alpha

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form; what is not a number (a constant scale has no reliability) is ``null``."""
        return {
            "name": self.name,
            "subject": self.subject,
            "estimate": _finite(self.estimate),
            "low": _finite(self.low),
            "high": _finite(self.high),
            "n": self.n,
            "missing": self.missing,
            "unit": self.unit,
            "method": self.method,
            "conventions": list(self.conventions),
            "p_value": _finite(self.p_value),
            "p_adjusted": _finite(self.p_adjusted),
            "family": self.family,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Claim:
    """A published figure, with its place and what we know of how it was made."""

    name: str
    """The finding that it belongs to."""
    subject: str
    """The model it was published for."""
    value: float
    where: str
    """Table, page or file."""
    confidence: Confidence
    formula: str = ""
    conventions: tuple[str, ...] = (AS_PUBLISHED,)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published figure beside ours."""

    claim: Claim
    finding: Finding

    @property
    def is_same_subject(self) -> bool:
        """Whether both speak of the same model; otherwise the published figure is a yardstick, not a target."""
        return self.claim.subject == self.finding.subject

    @property
    def difference(self) -> float:
        """Ours minus theirs."""
        return self.finding.estimate - self.claim.value

    @property
    def is_within(self) -> bool:
        """Whether our interval holds the published figure."""
        return self.finding.low <= self.claim.value <= self.finding.high

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "name": self.claim.name,
            "published": self.claim.value,
            "published_for": self.claim.subject,
            "where": self.claim.where,
            "confidence": self.claim.confidence,
            "subject": self.finding.subject,
            "estimate": _finite(self.finding.estimate),
            "difference": _finite(self.difference),
            "is_within_interval": self.is_within,
            "note": self.claim.note,
        }


def compare(findings: Iterable[Finding], claims: Sequence[Claim]) -> list[Comparison]:
    """Put published figures beside the findings of the same name and way of computing.

    A claim on a model that was observed is compared with that model; one on another model with every model observed.
    """
    found = list(findings)
    subjects = {finding.subject for finding in found}
    return [
        Comparison(claim, finding)
        for claim in claims
        for finding in found
        if finding.name == claim.name
        and finding.conventions[:1] == claim.conventions[:1]
        and (claim.subject == finding.subject or claim.subject not in subjects)
    ]


def correct_families(findings: Sequence[Finding], *, methods: Mapping[str, Method] | None = None) -> list[Finding]:
    """Correct the p values of findings within their families, and for the number of families.

    Args:
        findings: All that is claimed of one model; those without a family pass as they are.
        methods: ``holm`` (the default) or ``bh``, by family.
    """
    families: dict[str, list[int]] = {}
    for index, finding in enumerate(findings):
        if finding.family:
            families.setdefault(finding.family, []).append(index)
    p_values = {name: [findings[index].p_value for index in indices] for name, indices in families.items()}
    adjusted = adjust_families(p_values, methods=methods)
    corrected = list(findings)
    for name, indices in families.items():
        for index, value in zip(indices, adjusted[name], strict=True):
            corrected[index] = replace(findings[index], p_adjusted=value)
    return corrected


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
