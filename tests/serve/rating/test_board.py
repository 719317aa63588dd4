"""The board: blind tasks, answers kept by what was rated, taken back, and seen by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from personae.serve.faults import Refusal
from personae.serve.rating import SCHEMA, Board, RatingSet, Scale, Text, make_tasks
from personae.serve.store import Store

TEXTS = [
    *(Text(f"a{n}", f"ours {n}", "ours") for n in range(4)),
    *(Text(f"b{n}", f"theirs {n}", "theirs") for n in range(3)),
]


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    store = Store(tmp_path / "studio.sqlite", [SCHEMA])
    yield Board(store)
    store.close()


def pairs(board: Board, owner: str = "ann") -> RatingSet:
    tasks = make_tasks("pairwise", TEXTS, pairs=10, rng=np.random.default_rng(0))
    return board.make(owner, "Stories", "pairwise", "Which is better?", None, 7, tasks)


def prefer(board: Board, one: RatingSet, rater: str, group: str, most: int = 100) -> int:
    """A rater who always takes the text of one group, whatever side it is on."""
    for count in range(most):
        task = board.following(one, rater)["task"]
        if task is None:
            return count
        label = next(text["label"] for text in task["texts"] if text["text"].startswith(group))
        board.answer(one, rater, task["id"], choice=label, value=None, seconds=1.5)
    return most


def test_ten_pairs_are_rated_and_then_there_are_no_more(board: Board) -> None:
    one = pairs(board)
    assert prefer(board, one, "ann", "ours") == 10
    assert board.following(one, "ann") == {"task": None, "done": 10, "total": 10}


def test_nothing_shown_tells_whose_a_text_is(board: Board) -> None:
    task = board.following(pairs(board), "ann")["task"]
    assert set(task) == {"id", "number", "total", "question", "texts", "scale"}
    assert all(set(text) == {"label", "text"} for text in task["texts"])


def test_a_preference_is_found_whatever_the_sides(board: Board) -> None:
    one = pairs(board)
    for rater in ("ann", "bob", "cid"):
        prefer(board, one, rater, "theirs")
    standing = board.standing(one)
    theirs = next(row for row in standing["results"] if row["group"] == "theirs")
    assert (theirs["wins"], theirs["losses"]) == (30, 0)
    assert standing["agreement"]["percent"]["estimate"] == 1.0 or standing["agreement"]["raters"] == 3
    assert {row["choice"] for row in board.rows(one)} <= {"first", "second"}
    for row in board.rows(one):
        assert row[f"{row['choice']}_group"] == "theirs"


def test_order_and_side_that_each_rater_saw_are_recorded(board: Board) -> None:
    one = pairs(board)
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    for rater in ("ann", "bob", "cy"):
        place = 0
        while task := board.following(one, rater)["task"]:
            place += 1
            seen[rater, task["id"]] = (place, task["texts"][0]["text"])
            board.answer(one, rater, task["id"], choice="A", value=None, seconds=None)
    rows = board.rows(one)
    assert {(row["rater"], row["task"]): (row["position"], row[f"{row['seen_as_a']}_text"]) for row in rows} == seen
    assert all(row["choice"] == row["seen_as_a"] for row in rows)
    assert {row["seen_as_a"] for row in rows} == {"first", "second"}
    orders = {rater: [task for (who, task) in seen if who == rater] for rater in ("ann", "bob", "cy")}
    assert len({tuple(order) for order in orders.values()}) > 1


def test_an_answer_given_again_replaces_the_former(board: Board) -> None:
    one = pairs(board)
    task = board.following(one, "ann")["task"]
    board.answer(one, "ann", task["id"], choice="A", value=None, seconds=None)
    before = board.rows(one)[0]["choice"]
    board.answer(one, "ann", task["id"], choice="B", value=None, seconds=None)
    assert len(board.rows(one)) == 1
    assert {before, board.rows(one)[0]["choice"]} == {"first", "second"}


def test_the_last_answer_is_taken_back_and_its_task_comes_again(board: Board) -> None:
    one = pairs(board)
    prefer(board, one, "ann", "ours", 3)
    last = board.rows(one)[-1]["task"]
    back = board.undo(one, "ann")
    assert (back["task"]["id"], back["done"]) == (last, 2)
    assert board.undo(one, "nobody") == {"task": None, "done": 0}


def test_ratings_stay_on_their_scale(board: Board) -> None:
    tasks = make_tasks("likert", TEXTS, pairs=1, rng=np.random.default_rng(0))
    one = board.make("ann", "Scale", "likert", "How good?", Scale(1, 7, "bad", "good"), 0, tasks)
    task = board.following(one, "ann")["task"]
    assert task["scale"] == {"lowest": 1, "highest": 7, "low_label": "bad", "high_label": "good"}
    for value in (0, 8, None):
        with pytest.raises(Refusal, match="scale"):
            board.answer(one, "ann", task["id"], choice=None, value=value, seconds=None)
    assert board.answer(one, "ann", task["id"], choice=None, value=7, seconds=None) == {"done": 1, "total": 7}


def test_a_choice_of_a_pair_is_a_tie_or_a_side(board: Board) -> None:
    one = pairs(board)
    with pytest.raises(Refusal, match="choice"):
        board.answer(one, "ann", "t1", choice=None, value=3, seconds=None)
    with pytest.raises(Refusal, match="task"):
        board.answer(one, "ann", "t99", choice="A", value=None, seconds=None)


def test_a_set_is_seen_and_deleted_by_its_owner_alone(board: Board) -> None:
    one = pairs(board)
    with pytest.raises(Refusal):
        board.get("bob", one.id)
    with pytest.raises(Refusal):
        board.delete("bob", one.id)
    assert board.page("bob", 10, (1e18, ""))[2] == 0
    prefer(board, one, "ann", "ours")
    board.delete("ann", one.id)
    assert board.page("ann", 10, (1e18, ""))[2] == 0
    with pytest.raises(Refusal):
        board.get_shared(one.id)


def test_pages_hold_all_sets_once(board: Board) -> None:
    made = {pairs(board).id for _ in range(5)}
    seen: list[str] = []
    cursor = (1e18, "")
    while True:
        found, has_more, total = board.page("ann", 2, cursor)
        seen += [one.id for one in found]
        if not has_more:
            break
        cursor = (found[-1].created, found[-1].id)
    assert total == 5
    assert sorted(seen) == sorted(made)


def test_what_changed_is_known_by_its_mark(board: Board) -> None:
    one = pairs(board)
    before = board.mark(one)
    prefer(board, one, "ann", "ours", 1)
    between = board.mark(one)
    board.undo(one, "ann")
    assert len({before, between}) == 2
    assert board.mark(one) == before
