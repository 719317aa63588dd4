"""Questionnaires: items, keys and licences as data; administration, the one answer parser, scoring, reliability."""

from personae.instrument.administration import (
    Administered,
    AdministeredOverOrders,
    Administration,
    Attempt,
    Form,
    administer,
    administer_over_orders,
    make_form,
    show_options,
)
from personae.instrument.answers import Answer, AnswerReader, ShownOption
from personae.instrument.conditioning import held_out, items_within, refuse_overlap
from personae.instrument.distributions import OptionDistribution
from personae.instrument.option_orders import OverOrders, option_orders, over_orders
from personae.instrument.own_options import OwnOptionsReader
from personae.instrument.questionnaire import Dichotomy, Format, Instrument, Licence, Norm, Option, Scale, Wording
from personae.instrument.respondents import Respondent, Turn, client_proxy, observer, played
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
    "AdministeredOverOrders",
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
    "OptionDistribution",
    "OverOrders",
    "OwnOptionsReader",
    "Respondent",
    "Scale",
    "ShownOption",
    "Turn",
    "Wording",
    "administer",
    "administer_over_orders",
    "answer_matrix",
    "client_proxy",
    "held_out",
    "items_within",
    "keyed_items",
    "list_instruments",
    "load_instrument",
    "make_form",
    "observer",
    "option_orders",
    "over_orders",
    "played",
    "read_instrument",
    "refuse_overlap",
    "scale_of_trait",
    "score_range",
    "score_scale",
    "score_traits",
    "show_options",
    "type_letters",
]
