"""Assessment: any instrument, put to any people, played by any model, with what says how far the scores go.

Not imported by :mod:`personae.instrument` itself: it needs studies and reports, and most users of an instrument do not.
"""

from personae.instrument.assessment.experiment import assess_answers, assessment, compare_models, parameters_of
from personae.instrument.assessment.people import read_people
from personae.instrument.assessment.scores import score_table
from personae.instrument.assessment.settings import AssessmentSettings
from personae.instrument.assessment.study import Assessment

__all__ = [
    "Assessment",
    "AssessmentSettings",
    "assess_answers",
    "assessment",
    "compare_models",
    "parameters_of",
    "read_people",
    "score_table",
]
