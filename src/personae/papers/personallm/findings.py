"""All findings of the study, from one table: effects, their validity, the controls, language and perception.

One function scores a fresh run and a replay of the authors' raw outputs. What a table lacks (a replay has no judges)
gives no findings, and findings that rest on nobody are reported with n = 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from personae.instrument import Instrument
from personae.papers.personallm.checks import (
    agreement_with_stored_scores,
    control_findings,
    reliability_findings,
    robustness_findings,
)
from personae.papers.personallm.effects import effect_findings
from personae.papers.personallm.groups import split_groups
from personae.papers.personallm.language import language_findings
from personae.papers.personallm.perception import perception_findings
from personae.papers.personallm.settings import PersonaLLMSettings
from personae.study import Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

EXPLORATORY = "language"
"""The family of tests that is corrected by false discovery rate; all others by Holm."""


def measure_table(table: pl.DataFrame, instrument: Instrument, settings: PersonaLLMSettings) -> list[Finding]:
    """Measure everything that the table allows, for each model in it."""
    findings: list[Finding] = []
    if "condition" not in table.columns:
        return findings
    for group in split_groups(table, instrument):
        found = [
            *effect_findings(group),
            *agreement_with_stored_scores(group),
            *reliability_findings(group),
            *robustness_findings(group),
            *control_findings(group),
            *language_findings(group, settings),
            *perception_findings(group),
        ]
        named = [
            replace(one, conventions=(*one.conventions[:1], *group.conventions, *one.conventions[1:])) for one in found
        ]
        findings += correct_families(named, methods={EXPLORATORY: "bh"})
    return findings
