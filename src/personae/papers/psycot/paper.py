"""PsyCoT as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.psycot.report import PLAN
from personae.papers.psycot.settings import FULL, PsyCoTSettings
from personae.papers.psycot.study import PsyCoT
from personae.study import Claim

CLAIMS = (
    Claim(
        "gain.f1.standard",
        "gpt-3.5-turbo-0301",
        4.23,
        where="abstract (Essays)",
        confidence="verified",
        formula="mean macro-F1 of PsyCoT minus that of standard prompting, in points",
        note="10.63 on Kaggle",
    ),
    *(
        Claim(
            f"floor.{target}",
            "Essays test set",
            value,
            where="label balance of data/Essay/test.pkl, recounted: macro-F1 of choosing the high pole always",
            confidence="verified",
        )
        for target, value in (
            ("extraversion", 135 / (135 + 247)),
            ("neuroticism", 127 / (127 + 247)),
            ("agreeableness", 127 / (127 + 247)),
            ("conscientiousness", 113 / (113 + 247)),
            ("openness", 133 / (133 + 247)),
        )
    ),
)


def make_study(parameters: Mapping[str, str]) -> PsyCoT:
    """Make the study from parameters as the command line gives them."""
    return PsyCoT(PsyCoTSettings.read(parameters))


PAPER = Paper(
    key="psycot",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=PsyCoTSettings.describe(),
    roles={"subject": "the model that reads texts and tells about their authors"},
    full=FULL,
)
