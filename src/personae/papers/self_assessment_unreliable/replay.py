"""No outputs of this study were published. The answers of [61] stand in: they vary template and order as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from personae.papers.paper import Replay
from personae.papers.scale_reliability.replay import read_replay as read_stand_in
from personae.papers.self_assessment_unreliable.settings import SelfAssessmentSettings
from personae.papers.self_assessment_unreliable.study import SelfAssessment


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the answers of [61] (``save.json``) as a stand-in.

    Raises:
        InputError: If the folder does not hold them.
    """
    found = read_stand_in(folder, {})
    study = SelfAssessment(SelfAssessmentSettings.read({"instrument": "bfi-44", **given}))
    note = "stand-in: these answers are those of [61], as this study published none"
    return replace(found, study=study, warnings=(note, *found.warnings))
