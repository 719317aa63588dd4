"""Agreement and results on answers whose truth is planted."""

from __future__ import annotations

import numpy as np
import pytest

from personae.serve.rating import Task, Text, agreement_of, results_of
from personae.serve.rating.agreement import FIRST, SECOND, TIE, Answer

TASKS = {f"t{n}": Task(f"t{n}", (Text(f"a{n}", "x", "ours"), Text(f"b{n}", "y", "theirs"))) for n in range(60)}


def answers(raters: int, share: float, seed: int = 0) -> list[Answer]:
    """Every rater says the truth of a task with this probability, else anything."""
    rng = np.random.default_rng(seed)
    truth = {task: int(rng.integers(3)) for task in TASKS}
    return [
        Answer(task, f"r{rater}", truth[task] if rng.random() < share else int(rng.integers(3)), 1.0, 0.0)
        for task in TASKS
        for rater in range(raters)
    ]


def test_raters_who_say_the_same_agree_wholly() -> None:
    found = agreement_of("pairwise", answers(3, 1.0))
    assert found["alpha"]["estimate"] == pytest.approx(1.0)
    assert found["percent"]["estimate"] == 1.0
    assert (found["raters"], found["tasks"], found["answers"]) == (3, 60, 180)


def test_raters_by_chance_agree_by_chance() -> None:
    found = agreement_of("pairwise", answers(4, 0.0))
    assert found["alpha"]["low"] < 0 < found["alpha"]["high"]
    assert found["percent"]["estimate"] == pytest.approx(1 / 3, abs=0.06)


def test_a_planted_agreement_is_found() -> None:
    found = agreement_of("pairwise", answers(5, 0.8))
    assert found["percent"]["low"] < 0.8**2 + (1 - 0.8**2) / 3 < found["percent"]["high"]
    assert found["alpha"]["low"] < 0.8**2 < found["alpha"]["high"]


def test_ratings_that_differ_by_a_step_agree_more_than_by_a_leap() -> None:
    near = [
        Answer(f"t{n}", r, v, None, 0.0)
        for n, (a, b) in enumerate([(1, 2), (4, 5), (2, 3), (5, 4)] * 4)
        for r, v in (("x", a), ("y", b))
    ]
    far = [
        Answer(f"t{n}", r, v, None, 0.0)
        for n, (a, b) in enumerate([(1, 5), (4, 1), (2, 5), (5, 2)] * 4)
        for r, v in (("x", a), ("y", b))
    ]
    assert agreement_of("likert", near)["alpha"]["estimate"] > agreement_of("likert", far)["alpha"]["estimate"]


def test_one_rater_says_nothing_of_agreement_and_it_says_so() -> None:
    found = agreement_of("pairwise", answers(1, 1.0))
    assert found["alpha"] is None
    assert "two raters" in found["note"]
    assert agreement_of("likert", [])["answers"] == 0


def test_results_count_for_both_sides_of_a_pair() -> None:
    given = [
        Answer("t0", "r", FIRST, None, 0.0),
        Answer("t1", "r", FIRST, None, 0.0),
        Answer("t2", "r", SECOND, None, 0.0),
        Answer("t3", "r", TIE, None, 0.0),
    ]
    ours, theirs = results_of("pairwise", TASKS, given)
    assert (ours["group"], ours["wins"], ours["losses"], ours["ties"]) == ("ours", 2, 1, 1)
    assert (theirs["group"], theirs["wins"], theirs["losses"], theirs["ties"]) == ("theirs", 1, 2, 1)
    assert ours["share"]["estimate"] == pytest.approx(2 / 3)
    assert ours["share"]["missing"] == 1


def test_results_of_a_scale_are_means_by_group() -> None:
    tasks = {
        "t0": Task("t0", (Text("1", "x", "ours"),)),
        "t1": Task("t1", (Text("2", "y", "ours"),)),
        "t2": Task("t2", (Text("3", "z"),)),
    }
    given = [Answer("t0", "r", 2, None, 0.0), Answer("t1", "r", 4, None, 0.0), Answer("t2", "r", 5, None, 0.0)]
    alone, ours = results_of("likert", tasks, given)
    assert (alone["group"], alone["mean"], alone["sd"], alone["n"]) == ("3", 5.0, None, 1)
    assert (ours["mean"], ours["n"]) == (3.0, 2)
    assert ours["sd"] == pytest.approx(2**0.5)
