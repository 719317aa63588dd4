"""Questionnaires typed as a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument import Instrument, score_scale
from personae.instrument.importing import import_file

PLAIN = "item,text,scale,reverse\na,I am glad.,mood,no\nb,I am sad.,mood,yes\nc,It is Monday.,,\n"


def read(tmp_path: Path, text: str, **options: str) -> Instrument:
    path = tmp_path / "my form.csv"
    path.write_text(text, encoding="utf-8")
    (found,) = import_file(path, **options).instruments
    return found


def test_options_may_be_given_beside_the_file(tmp_path: Path) -> None:
    form = read(tmp_path, PLAIN, options="Never|Sometimes|Always", title="My form")
    assert (form.key, form.title, form.fillers) == ("my-form", "My form", ("c",))
    assert [(one.value, one.label) for one in form.options] == [(1, "Never"), (2, "Sometimes"), (3, "Always")]
    assert score_scale(np.array([[3.0, 1.0, 2.0]]), form, form.scale("mood"))[0] == 3


def test_options_may_have_values_of_their_own(tmp_path: Path) -> None:
    form = read(tmp_path, PLAIN, options="1=Yes|0=No", key="other")
    assert form.key == "other"
    assert [(one.value, one.label) for one in form.options] == [(0, "No"), (1, "Yes")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_options_may_be_columns(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["text", "0", "option 1", "Option_2"],
        ["I am glad.", "no", "maybe", "yes"],
        ["I am sad.", "no", "maybe", "yes"],
    ]
    form = read(tmp_path, "\n".join(delimiter.join(row) for row in rows))
    assert form.item_ids == ("1", "2")
    assert [(one.value, one.label) for one in form.options] == [(0, "no"), (1, "maybe"), (2, "yes")]
    assert [scale.key for scale in form.scales] == ["total"]


def test_rows_may_have_options_of_their_own(tmp_path: Path) -> None:
    form = read(
        tmp_path,
        "text,scale,1,2,3\nGlad?,m,no,yes,\nSad?,m,no,yes,\nHow often?,m,never,at times,always\n",
    )
    assert len(form.options) == 2
    assert [one.label for one in form.options_of("3")] == ["never", "at times", "always"]


def test_keyed_options_are_counted(tmp_path: Path) -> None:
    form = read(
        tmp_path,
        "text,1,2,keyed 1,keyed 2\nAn evening:,alone,with others,I,E\nA trip:,with others,alone,E,I\n",
    )
    assert {scale.key: scale.score for scale in form.scales} == {"i": "count", "e": "count"}
    assert score_scale(np.array([[2.0, 1.0]]), form, form.scale("e"))[0] == 2


def test_an_item_may_belong_to_two_scales_and_be_reversed_in_one(tmp_path: Path) -> None:
    form = read(
        tmp_path,
        "text,scale,reverse,trait\nI rest.,calm; lazy,calm,\nI run.,lazy,yes,big_five.conscientiousness\n",
        options="no|yes",
    )
    assert form.scale("calm").reverse == ("1",)
    assert form.scale("lazy").reverse == ("2",)
    assert form.scale("lazy").trait == "big_five.conscientiousness"


FAULTS = {
    "no texts": ("item,scale\na,x\n", "has no column of texts"),
    "an empty text": ("item,text\na,\n", "row 2, column text: the item has no text"),
    "an identifier twice": ("item,text\na,x\na,y\n", "row 3, column item: the identifier 'a' is taken"),
    "no identifier": ("item,text\n,x\n", "row 2, column item: the item has no identifier"),
    "a long row": ("item,text\na,x,y\n", "row 2: has 3 fields for 2 columns; put texts with commas in quotes"),
    "an open quote": ('item,text\na,"x\n', "is not CSV"),
    "a strange reverse": (PLAIN.replace(",yes", ",maybe"), "row 3, column reverse: 'maybe' is neither yes nor no"),
    "two columns of a name": ("text,text\nx,y\n", "has two columns 'text'"),
    "no rows": ("item,text\n", "holds no items"),
    "blank rows": ("item,text\n , \n", "holds no items"),
    "no scale at all": ("text,scale\nx,\n", "no item belongs to a scale"),
    "no options": (PLAIN, "says nothing of the response options; name columns 1, 2, ... or give --options"),
    "one option": ("text,1,2\nx,no,\n", "row 2: the item has fewer than two options"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_malformed_table_names_the_place(tmp_path: Path, fault: str) -> None:
    text, what = FAULTS[fault]
    options = "" if "option" in fault else "no|yes"
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, options=options)
    assert what in str(caught.value)
    assert "my form.csv" in str(caught.value)


def test_options_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has columns of options, and options are given too"):
        read(tmp_path, "text,1,2\nx,no,yes\n", options="no|yes")


def test_columns_without_a_meaning_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,colour\nx,red\n", encoding="utf-8")
    assert import_file(path, options="no|yes").warnings == ("columns without a meaning here were left out: colour",)


@given(st.text(max_size=300))
def test_whatever_a_file_holds_it_is_read_or_refused(text: str) -> None:
    from personae.instrument.importing.table import read_table

    try:
        found = read_table(Path("x.csv"), text, options="no|yes")
    except InputError:
        return
    assert found.instruments[0].items
