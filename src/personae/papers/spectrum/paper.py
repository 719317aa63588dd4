"""SPeCtrum as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.spectrum.claims import spectrum_claims
from personae.papers.spectrum.replay import read_replay
from personae.papers.spectrum.report import PLAN
from personae.papers.spectrum.settings import FULL, SpectrumSettings
from personae.papers.spectrum.study import Spectrum


def make_study(parameters: Mapping[str, str]) -> Spectrum:
    """Make the study from parameters as the command line gives them."""
    return Spectrum(SpectrumSettings.read(parameters))


PAPER = Paper(
    key="spectrum",
    claims=spectrum_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=SpectrumSettings.describe(),
    read_replay=read_replay,
    roles={
        "subject": "the agent that gets parts of a person and says who it is",
        "writer": "the model that turns scores into prose",
        "judge": "the model that answers as the person, and picks and guesses people",
    },
    full=FULL,
)
