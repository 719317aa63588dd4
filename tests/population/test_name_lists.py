"""National lists: ties, shared names, genders, layouts, faults."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.population import load_names, read_name_lists, select_names
from personae.population.name_lists import _CODES, Bearers
from support.refusals import assert_refused


def bearers(culture: str, **counts: float) -> list[Bearers]:
    return [Bearers(culture, name, "feminine", count) for name, count in counts.items()]


def test_a_large_country_does_not_own_every_name() -> None:
    # Two per cent of a large country are more people than half of a small one.
    rows = bearers("Large", Ann=2000, Bea=98_000) + bearers("Small", Ann=50, Eva=50)
    ann = select_names(rows, key="k", source="s").find("Ann")
    assert ann is not None
    assert ann.cultures == ("small",)
    assert ann.ties == pytest.approx((0.5 / 0.52,))


def test_the_bound_of_a_tie_tells_own_names_from_shared_ones() -> None:
    rows = bearers("A", Ann=30, Bea=70) + bearers("B", Ann=10, Eva=90)
    assert select_names(rows, key="k", source="s", least_tie=0.7).find("Ann").cultures == ("a",)  # type: ignore[union-attr]
    shared = select_names(rows, key="k", source="s").find("Ann")
    assert shared is not None
    assert shared.cultures == ("a", "b")
    assert shared.ties == pytest.approx((0.75, 0.25))


def test_a_name_that_is_everywhere_is_dropped_and_counted() -> None:
    rows = [row for number in range(12) for row in bearers(f"C{number}", Ann=1, **{f"Own{number}": 9})]
    table = select_names(rows, key="k", source="s")
    assert table.find("Ann") is None
    assert sum(table.dropped.values()) == 1
    assert len(table.names) == 12


def test_genders_spellings_and_order() -> None:
    rows = [
        Bearers("Spain", "Maria", "feminine", 5),
        Bearers("Spain", "María", "feminine", 90),
        Bearers("Spain", "Trini", "feminine", 60),
        Bearers("Spain", "Trini", "masculine", 40),
        Bearers("Japan", "Yui", "feminine", 10),
    ]
    table = select_names(rows, key="k", source="s")
    assert [(one.name, one.gender) for one in table.tied("spanish")] == [("Trini", "either"), ("María", "feminine")]


@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B", "C"]), st.sampled_from(["x", "y", "z"]), st.integers(1, 50)),
        min_size=1,
        max_size=20,
    )
)
def test_every_name_is_kept_or_counted(rows: list[tuple[str, str, int]]) -> None:
    table = select_names([Bearers(c, n, "either", k) for c, n, k in rows], key="k", source="s")
    assert len(table.names) + sum(table.dropped.values()) == len({name for _, name, _ in rows})
    for one in table.names:
        assert all(tie <= 1 + 1e-9 for tie in one.ties)
        assert list(one.ties) == sorted(one.ties, reverse=True)


def test_a_folder_of_national_lists_is_read_in_its_layouts(tmp_path: Path) -> None:
    (tmp_path / "united_states.txt").write_text("Mary,F,7065\nBrayden,M,500\n", encoding="utf-8")
    (tmp_path / "germany.csv").write_text("Vorname;Geschlecht;Anzahl\nHEIKE;w;40\nMary;w;1\n", encoding="utf-8")
    (tmp_path / "mixed.tsv").write_text("name\tcountry\tsex\trank\nYui\tJapan\tF\t1\nHana\tJapan\tF\t2\n", "utf-8")
    (tmp_path / "readme.md").write_text("not a list", encoding="utf-8")
    table = read_name_lists(tmp_path)
    assert {one.key for one in table.cultures} == {"american", "german", "japanese"}
    assert [one.name for one in table.tied("german")] == ["Heike"]
    assert [one.name for one in table.tied("japanese")] == ["Yui", "Hana"]
    mary = table.find("mary")
    assert mary is not None and mary.cultures == ("american",) and mary.gender == "feminine"


def test_the_names_dataset_is_read_packed_and_unpacked(tmp_path: Path) -> None:
    names = {
        "Yui": {"country": {"JP": 1.0}, "gender": {"F": 1.0}, "rank": {"JP": 2, "AE": None}},
        "Haruto": {"country": {"JP": 1.0}, "gender": {"M": 0.97, "F": 0.03}, "rank": {"JP": 1}},
        "Ann": {"country": {"US": 0.6, "AE": 0.4}, "gender": {}, "rank": {"US": 1, "AE": 1}},
    }
    path = tmp_path / "first_names.json"
    path.write_text(json.dumps(names), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "first_names.zip", "w") as packed:
        packed.write(path, "first_names.json")
    for one in (path, tmp_path / "first_names.zip"):
        table = read_name_lists(one)
        assert [(name.name, name.gender) for name in table.tied("japanese")] == [
            ("Haruto", "masculine"),
            ("Yui", "feminine"),
        ]
        ann = table.find("Ann")
        assert ann is not None and set(ann.cultures) == {"american", "ae"} and ann.gender == "either"


def test_every_code_is_of_a_culture_of_our_table() -> None:
    assert sorted(_CODES.values()) == sorted(one.key for one in load_names().cultures)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[1]", "no object of names"),
        ("{", "cannot be read"),
        ('{"Ann": {"gender": {}}}', "Ann: is no entry of names-dataset"),
        ('{"Ann": {"gender": {"Q": 1}, "rank": {"US": 1}}}', "no entry"),
        ('{"Ann": {"gender": {"F": 1}, "rank": {"US": 0}}}', "the rank is 0"),
    ],
)
def test_what_is_wrong_with_a_names_dataset_is_said(tmp_path: Path, text: str, match: str) -> None:
    assert_refused(read_name_lists, tmp_path / "first_names.json", text, match)
    assert_refused(read_name_lists, tmp_path / "first_names.zip", b"no zip", "cannot be read")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("name,culture,count\nAnn,A,1\n", "1 cultures"),
        ("name,culture,count\nAnn,A,many\n", "line 2"),
        ("name,culture,count\nAnn,A,-1\n", "line 2"),
        ("name,culture,gender\nAnn,A,Q\n", "gender"),
        ("culture,count\nA,1\n", "no name"),
        ("name,culture,rank\nAnn,A,0\n", "rank"),
        ("name,culture\nAnn,日本\nBea,B\n", "Latin"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(tmp_path: Path, text: str, match: str) -> None:
    assert_refused(read_name_lists, tmp_path / "names.csv", text, match)


def test_a_parquet_list_is_read_and_what_is_none_is_refused(tmp_path: Path) -> None:
    import polars as pl

    path = tmp_path / "names.parquet"
    pl.DataFrame({"name": ["Ann", "Bea"], "culture": ["A", "B"], "count": [3, 4]}).write_parquet(path)
    assert [one.cultures for one in read_name_lists(path).names] == [("a",), ("b",)]
    assert_refused(read_name_lists, path, "text", "no Parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_name_lists(tmp_path / "none.csv")
