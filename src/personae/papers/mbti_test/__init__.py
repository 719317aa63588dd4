"""[71] MBTI for language models (Pan & Zeng, 2023): forced choices, letters counted, what a prompt does to the type."""

from personae.papers.mbti_test.paper import PAPER
from personae.papers.mbti_test.questions import as_forced_choice, read_questions
from personae.papers.mbti_test.replay import read_replay
from personae.papers.mbti_test.settings import MbtiSettings
from personae.papers.mbti_test.study import MbtiTest

__all__ = ["PAPER", "MbtiSettings", "MbtiTest", "as_forced_choice", "read_questions", "read_replay"]
