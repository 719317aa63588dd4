"""Questionnaires: items, keys and licences as data; administration, the one answer parser, scoring, reliability."""

from personae.instrument.administration import (
    Administered,
    Administration,
    Attempt,
    Form,
    administer,
    make_form,
    show_options,
)
from personae.instrument.answers import Answer, AnswerReader, ShownOption
from personae.instrument.questionnaire import Instrument, Licence, Norm, Option, Scale, Wording
from personae.instrument.scoring import (
    Convention,
    Matrix,
    answer_matrix,
    keyed_items,
    scale_of_trait,
    score_scale,
    score_traits,
)
from personae.instrument.shelf import list_instruments, load_instrument, read_instrument

__all__ = [
    "Administered",
    "Administration",
    "Answer",
    "AnswerReader",
    "Attempt",
    "Convention",
    "Form",
    "Instrument",
    "Licence",
    "Matrix",
    "Norm",
    "Option",
    "Scale",
    "ShownOption",
    "Wording",
    "administer",
    "answer_matrix",
    "keyed_items",
    "list_instruments",
    "load_instrument",
    "make_form",
    "read_instrument",
    "scale_of_trait",
    "score_scale",
    "score_traits",
    "show_options",
]
