"""Figures of the paper: its size, and the best F1 of each task. How values were matched is not at hand."""

from __future__ import annotations

from personae.study import Claim

DATA = "the data set"

CLAIMS = (
    Claim(
        "users",
        DATA,
        42_786.0,
        where="data, biographies of WikiPeople",
        confidence="memory",
        formula="biographies from which both sets were made",
        note="the released set for construction has 20,548 rows, as a user of it counted",
    ),
    *(
        Claim(
            f"f1.{task}",
            "Mistral-7B, fine-tuned",
            value,
            where="best result of the task",
            confidence="memory",
            formula="F1 of key-value pairs, in percent / 100",
            note="on labels that another model wrote; a model trained on them has learned its ways",
        )
        for task, value in (("construction", 0.9384), ("updating", 0.9508))
    ),
)
"""From a summary of the paper; its tables are not at hand."""
