"""What can be counted of a consultation without a judge."""

from __future__ import annotations

from personae.papers.patientsim.axes import AxisTexts, Levels
from personae.papers.patientsim.consultation import LONGEST_SENTENCE, Consultation, sentences
from personae.papers.patientsim.words import uses_any
from personae.study import Value


def manner(done: Consultation, axes: AxisTexts, levels: Levels, beyond: tuple[str, ...]) -> dict[str, Value]:
    """Words, sentences over the limits, questions that are several, words beyond the level: an entry an answer."""
    said = [sentences(one.answer) for one in done.exchanges]
    return {
        "words": [sum(len(one.split()) for one in answer) for answer in said],
        "over_sentences": [len(answer) > axes.sentences[levels["personality"]] for answer in said],
        "over_words": [any(len(one.split()) > LONGEST_SENTENCE for one in answer) for answer in said],
        "asks_several": [one.question.count("?") > 1 for one in done.exchanges],
        "beyond_level": [uses_any(one.answer, beyond) for one in done.exchanges],
    }
