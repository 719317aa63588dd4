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
from personae.instrument.own_options import OwnOptionsReader
from personae.instrument.questionnaire import Dichotomy, Format, Instrument, Licence, Norm, Option, Scale, Wording
from personae.instrument.scoring import (
    Convention,
    Matrix,
    answer_matrix,
    keyed_items,
    scale_of_trait,
    score_range,
    score_scale,
    score_traits,
    type_letters,
)
from personae.instrument.shelf import list_instruments, load_instrument, read_instrument

__all__ = [
    "Administered",
    "Administration",
    "Answer",
    "AnswerReader",
    "Attempt",
    "Convention",
    "Dichotomy",
    "Form",
    "Format",
    "Instrument",
    "Licence",
    "Matrix",
    "Norm",
    "Option",
    "OwnOptionsReader",
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
    "score_range",
    "score_scale",
    "score_traits",
    "show_options",
    "type_letters",
]
