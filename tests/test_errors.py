"""The error tree: what a message says, and that every exit code is told apart and written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import (
    EXIT_CODES,
    ConflictError,
    IncompleteError,
    InputError,
    MissingExtraError,
    ModelError,
    PersonaeError,
)

BRANCHES: list[type[PersonaeError]] = [InputError, ModelError, IncompleteError, ConflictError]
TREE: list[type[PersonaeError]] = [*BRANCHES, MissingExtraError, PersonaeError]

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(words, words, words)
def test_a_message_says_where_what_and_what_to_do_in_this_order(what: str, where: str, remedy: str) -> None:
    assert str(InputError(what, where=where, remedy=remedy)) == f"{where}: {what}; {remedy}"


@given(words)
def test_what_is_not_given_leaves_no_punctuation_behind(what: str) -> None:
    assert str(PersonaeError(what)) == what
    assert str(PersonaeError(what, where="ada.yaml")) == f"ada.yaml: {what}"
    assert str(PersonaeError(what, remedy="write a name")) == f"{what}; write a name"


def test_the_parts_can_be_read_one_by_one() -> None:
    error = ConflictError("the folder is taken", where="runs/1", remedy="choose another")
    assert (error.what, error.where, error.remedy) == ("the folder is taken", "runs/1", "choose another")


@pytest.mark.parametrize("branch", BRANCHES)
def test_every_branch_is_caught_as_the_root(branch: type[PersonaeError]) -> None:
    with pytest.raises(PersonaeError, match="broken"):
        raise branch("broken")


def test_branches_are_told_apart_by_exit_code_and_by_word() -> None:
    assert len({branch.exit_code for branch in TREE}) == len(TREE)
    assert len({branch.code for branch in TREE}) == len(TREE)


def test_every_exit_code_of_the_tree_has_a_meaning_and_none_has_that_of_success() -> None:
    for branch in TREE:
        assert EXIT_CODES[branch.exit_code]
        assert branch.exit_code not in (0, 2, 130)


def test_exit_codes_fit_into_a_byte_and_keep_the_customary_ones() -> None:
    assert all(0 <= code < 256 for code in EXIT_CODES)
    assert EXIT_CODES[0] == "success"
    assert "interrupted" in EXIT_CODES[130]
    assert "command line" in EXIT_CODES[2]


def test_a_missing_extra_ends_in_the_command_that_repairs_it() -> None:
    error = MissingExtraError("steering", "local")
    assert str(error).endswith('pip install "personae[local]"')
    assert "steering" in str(error)
