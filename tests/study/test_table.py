"""From rows to the table: every row, every column, one type each."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.study import build_table

HEAD = ["cell", "status", "detail", "model"]


def row(number: int, **columns: Any) -> dict[str, Any]:
    return {"cell": f"c{number}", "status": "ok", "detail": "", **columns}


def column(*values: Any) -> list[Any]:
    """The column of these values, one a row."""
    return build_table([row(number, x=value) for number, value in enumerate(values)], "m")["x"].to_list()


def test_bookkeeping_comes_first_then_columns_as_they_appear() -> None:
    table = build_table([row(1, order="up", score=3), row(2, order="down", score=4, extra=True)], "m-1")
    assert table.columns == [*HEAD, "order", "score", "extra"]
    assert table["model"].to_list() == ["m-1", "m-1"]
    assert table["extra"].to_list() == [None, True]
    assert table["cell"].to_list() == ["c1", "c2"]


def test_a_row_may_name_its_own_model() -> None:
    assert build_table([row(1, model="other"), row(2)], "m-1")["model"].to_list() == ["other", "m-1"]


def test_a_run_without_rows_is_a_table_without_rows() -> None:
    table = build_table([], "m")
    assert table.columns == HEAD
    assert table.height == 0
    assert set(table.dtypes) == {pl.String}


def test_rows_may_come_from_a_stream() -> None:
    assert build_table((row(number) for number in range(3)), "m").height == 3


def test_a_column_that_shows_up_late_is_not_lost() -> None:
    rows = [row(number) for number in range(5000)] + [row(5000, late=1.5)]
    table = build_table(rows, "m")
    assert table["late"].null_count() == 5000
    assert table["late"][-1] == 1.5


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ((1, 2.5), [1.0, 2.5]),
        ((1, None, "x"), ["1", None, "x"]),
        ((None, 3), [None, 3]),
        ((None, None), [None, None]),
        ((True, False, None), [True, False, None]),
        (([1, 2.5],), [[1.0, 2.5]]),
        (([1], [2.5, None]), [[1.0], [2.5, None]]),
        (([1, "x"], [2.5]), [["1", "x"], ["2.5"]]),
        (([True, "x"],), [["true", "x"]]),
        (([True, 2],), [[1, 2]]),
        (([], [1, None]), [[], [1, None]]),
        ((None, [1]), [None, [1]]),
        (([None], [None]), [[None], [None]]),
        ((["a", "b"], []), [["a", "b"], []]),
    ],
)
def test_a_column_has_one_type_that_holds_all_its_values(values: tuple[Any, ...], kept: list[Any]) -> None:
    assert column(*values) == kept


def test_lists_beside_single_values_are_refused_by_column() -> None:
    with pytest.raises(InputError) as caught:
        column([1], 3)
    assert "column x" in caught.value.where
    assert caught.value.remedy


scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=4)


@settings(deadline=None)
@given(st.lists(scalars, min_size=1, max_size=8) | st.lists(st.lists(scalars, max_size=4), min_size=1, max_size=8))
def test_no_value_of_any_kind_is_lost(values: list[Any]) -> None:
    found = column(*values)
    assert len(found) == len(values)
    for before, after in zip(values, found, strict=True):
        pairs = zip(before, after, strict=True) if isinstance(before, list) else [(before, after)]
        for old, new in pairs:
            assert (old is None) == (new is None)
            if type(old) is type(new) or (isinstance(old, bool | int | float) and not isinstance(new, str)):
                assert old == new
            elif old is not None:
                assert isinstance(new, str)
                assert not isinstance(old, str)


def test_the_rows_that_were_given_are_left_alone_but_for_lists_of_their_own() -> None:
    rows = [row(1, x=1)]
    build_table(rows, "m")
    assert rows == [row(1, x=1)]
