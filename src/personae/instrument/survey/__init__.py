"""Surveys: questions of several kinds in blocks, with conditions, jumps and piping, put to any respondent."""

from personae.instrument.survey.conditions import Condition, parse_condition
from personae.instrument.survey.conduct import Asked, Conducted, conduct_survey
from personae.instrument.survey.experiment import survey_experiment
from personae.instrument.survey.questions import Block, Jump, Question, Survey
from personae.instrument.survey.reading import make_survey, read_survey, write_survey
from personae.instrument.survey.replies import Reply, read_reply
from personae.instrument.survey.settings import SurveySettings
from personae.instrument.survey.study import SurveyStudy

__all__ = [
    "Asked",
    "Block",
    "Condition",
    "Conducted",
    "Jump",
    "Question",
    "Reply",
    "Survey",
    "SurveySettings",
    "SurveyStudy",
    "conduct_survey",
    "make_survey",
    "parse_condition",
    "read_reply",
    "read_survey",
    "survey_experiment",
    "write_survey",
]
