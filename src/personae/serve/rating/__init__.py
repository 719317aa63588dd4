"""Human ratings: blind tasks, answers that can be taken back, agreement while it goes on."""

from personae.serve.rating.agreement import agreement_of, results_of
from personae.serve.rating.board import SCHEMA, Board, RatingSet
from personae.serve.rating.tasks import Scale, Task, Text, make_tasks

__all__ = ["SCHEMA", "Board", "RatingSet", "Scale", "Task", "Text", "agreement_of", "make_tasks", "results_of"]
