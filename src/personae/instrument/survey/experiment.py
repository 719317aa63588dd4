"""A survey as a command starts it."""

from __future__ import annotations

from collections.abc import Mapping

from personae.instrument.survey.reading import read_survey
from personae.instrument.survey.report import make_plan
from personae.instrument.survey.settings import SurveySettings
from personae.instrument.survey.study import SurveyStudy
from personae.study.experiment import Experiment


def survey_experiment(given: Mapping[str, str]) -> Experiment:
    """Make the experiment of a survey from parameters as the command line gives them.

    Raises:
        InputError: If a parameter is unknown or malformed, or the survey cannot be read.
    """
    survey = read_survey(SurveySettings.read(given).survey)
    return Experiment(
        key=survey.key,
        kind="survey",
        plan=make_plan(survey),
        make_study=lambda words: SurveyStudy(SurveySettings.read(words)),
        parameters=SurveySettings.describe(),
        roles={"subject": "answers the survey"},
    )
