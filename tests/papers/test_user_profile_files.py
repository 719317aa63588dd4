"""User profiles: users of a file, predictions of others, the published sets in their columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from personae.errors import InputError
from personae.model import Request, ScriptedModel
from personae.papers.user_profile import (
    UserProfile,
    UserProfileSettings,
)
from personae.papers.user_profile.people import read_users
from personae.papers.user_profile.published import read_markdown
from personae.papers.user_profile.replay import read_predictions
from personae.papers.user_profile.study import training_rows
from personae.study import Finding, run_study


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def test_users_of_a_file_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    for text, told in (
        ('{"text": "x"}', "line 1: is no user"),
        ('{"text": "x", "profile": {"a": {"b": 1}}}', "holds an object"),
        ("", "holds no users"),
        ('{"id": "a", "text": "x", "profile": {}}\n{"id": "a", "text": "x", "profile": {}}', "twice"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=told):
            read_users(path)
    path.write_text('{"text": "She sings.", "profile": {"name": "Ann", "hobbies": ["a", "b"], "diet": null}}\n')
    (user,) = read_users(path)
    assert user.stages[0].profile == {"name": "Ann", "hobbies": "a; b"}
    with pytest.raises(InputError, match="holds 1 users"):
        UserProfile(UserProfileSettings.read({"data": str(path)})).users(1)


def test_predictions_of_others_are_scored_by_the_same_code(tmp_path: Path) -> None:
    rows = [
        {"user": "a", "truth": {"name": "Ann"}, "predicted": {"Name": "ann"}},
        {"user": "b", "truth": {"name": "Bo", "born": "1970"}, "predicted": None},
        {"user": "a", "old": {"name": "Ann"}, "truth": {"name": "Ann", "diet": "vegan"}, "predicted": {"name": "Ann"}},
        {"user": "b", "old": {"diet": "vegan"}, "truth": {"diet": "halal"}, "predicted": {"diet": "halal"}},
    ]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    replay = read_predictions(tmp_path, {})
    assert replay.warnings == ("1 of 4 profiles could not be read by whoever made them",)
    findings = replay.study.measure(replay.table)
    assert {one.subject for one in findings} == {"mine"}
    built = pick(findings, "precision.construction")
    assert built.missing == 1
    assert pick(findings, "recall.updating").estimate == pytest.approx(2 / 3)
    assert pick(findings, "f1_changed.updating").estimate == pytest.approx(2 / 3)
    assert pick(findings, "modified.updating").estimate == 1
    assert pick(findings, "inserted.updating").estimate == 0
    (tmp_path / "mine.jsonl").write_text('{"truth": 3, "predicted": {}}', encoding="utf-8")
    with pytest.raises(InputError, match="line 1: is no prediction"):
        read_predictions(tmp_path, {})
    with pytest.raises(InputError, match="holds no predictions"):
        read_predictions(tmp_path / "nowhere", {})


UPDATE = {
    "Input": "In 2019 he moved to Graz and took up chess.",
    "Old_profile": "**Name:** Jan Novak\n**Residence:** Brno\n**Likes:** Unkown",
    "Update_profile": "**Name:** Jan Novak\n\n**Residence:** Graz\n\n**Hobbies:**\n- Chess",
}
CONSTRUCTION: list[dict[str, Any]] = [
    {
        "Input": "dana reed born 4 may 1970 in leeds is a potter and teacher who likes tea",
        "Output": "**Name:** Dana Reed\n\n**Born:** May 4, 1970\n\n**Place of Birth:** Leeds\n\n"
        "**Profession:** Potter, Teacher\n\n**Likes:**\n - Tea\n - Gold\n\n**Dislikes:** Not mentioned",
    },
    {"Input": "somebody", "Output": None},
    {"Input": "lee is a pilot", "Output": "**Name**: Lee\\n**Profession:** Pilot\\n**Hobby:** N/A"},
]


def test_profiles_in_markdown_are_read() -> None:
    assert read_markdown(str(CONSTRUCTION[0]["Output"])) == {
        "Name": "Dana Reed",
        "Born": "May 4, 1970",
        "Place of Birth": "Leeds",
        "Profession": "Potter, Teacher",
        "Likes": "Tea; Gold",
    }
    assert read_markdown(str(CONSTRUCTION[2]["Output"])) == {"Name": "Lee", "Profession": "Pilot"}
    assert read_markdown("**Awards:** A **Awards:**\n1. B\n2) C") == {"Awards": "A; B; C"}
    for nothing in ("Unkown", "unknown.", "N/A", "Not mentioned in the text", "None", "-"):
        assert read_markdown(f"**Diet:** {nothing}\n**Name:** X") == {"Name": "X"}
    with pytest.raises(TypeError, match="headings"):
        read_markdown("Dana Reed is a potter.")


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_the_published_sets_are_read_as_users(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"train-00000-of-00001.{ending}"
    write_table(path, [UPDATE, UPDATE])
    study = UserProfile(UserProfileSettings.read({"data": str(path), "users": "2"}))
    one, two = study.users(0)
    assert (one.id, two.id) == ("row-1", "row-2")
    assert one.stages[0].profile == {"Name": "Jan Novak", "Residence": "Brno"} and not one.stages[0].evidence
    assert one.stages[1].profile["Hobbies"] == "Chess"
    asked: list[str] = []

    def copies(request: Request) -> str:
        asked.append(request.messages[-1].content)
        return json.dumps({"facts" if request.schema and request.schema.name == "facts" else "edits": []})

    table = run_study(study, dict.fromkeys(study.roles, ScriptedModel(copies))).table
    assert all("In 2019 he moved" in text and "so far" in text for text in asked), "nothing is built of no text"
    assert table["built"].to_list() == [None, None] and table["is_update"].all()
    findings = study.measure(table)
    assert not [one for one in findings if "construction" in one.name]
    assert pick(findings, "f1_unchanged_copy.updating").estimate == pytest.approx(2 / 5)
    tasks = [task for _, task, _ in training_rows(study, study.users(0))]
    assert tasks == ["updating", "updating"]


def test_rows_without_a_label_are_no_users_and_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    write_table(path, CONSTRUCTION)
    assert [user.id for user in read_users(path)] == ["row-1", "row-3"]
    study = UserProfile(UserProfileSettings.read({"data": str(path), "users": "2"}))
    assert study.parameters["unlabelled"] == 1


def test_a_file_with_more_fields_than_can_be_told_leaves_the_names_of_fields_open(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    write_table(path, [{"Input": "x", "Output": f"**Name:** A{n}\n**Field {n}:** yes"} for n in range(60)])
    study = UserProfile(UserProfileSettings.read({"data": str(path), "users": "60"}))
    assert study.is_open and len(study.fields) == 12 + 40
    assert "any other field" in study.prompt([])
    few = UserProfile(UserProfileSettings.read({"data": str(path), "users": "5"}))
    assert not few.is_open and len(few.fields) == 12 + 5


def test_the_published_sets_are_replayed_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "construction" / "data").mkdir(parents=True)
    write_table(tmp_path / "construction" / "data" / "train-00000-of-00001.parquet", CONSTRUCTION)
    write_table(
        tmp_path / "update.csv", [UPDATE, UPDATE | {"Input": "nothing new", "Update_profile": UPDATE["Old_profile"]}]
    )
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    found = read_predictions(tmp_path, {})
    assert any("1 of 3 rows" in one for one in found.warnings) and any("notes.csv" in one for one in found.warnings)
    findings = found.study.measure(found.table)
    assert {one.subject for one in findings} == {"the data set"}
    assert pick(findings, "users", "as_published").estimate == 2
    assert pick(findings, "updates", "as_published").estimate == 2
    # Of 6 and 2 pairs, gold is never said.
    assert pick(findings, "label_unsaid.construction").estimate == pytest.approx(1 / 8)
    # Name and Brno are kept of Name, Graz, Chess; and everything where nothing is new.
    assert pick(findings, "f1_unchanged_copy.updating").estimate == pytest.approx(2 * 3 / (4 + 5))
    assert pick(findings, "f1_changed.updating").estimate == 0


def test_predictions_in_the_columns_of_the_sets_and_in_markdown_are_scored(tmp_path: Path) -> None:
    new = UPDATE["Update_profile"]
    rows = [{**UPDATE, "generated_text": text} for text in (new, "I cannot do that.", "", new)]
    write_table(tmp_path / "Mistral-7B.csv", rows)
    found = read_predictions(tmp_path, {})
    assert found.warnings == ("2 of 4 profiles could not be read by whoever made them",)
    findings = found.study.measure(found.table)
    assert pick(findings, "f1.updating").estimate == 1 and pick(findings, "f1.updating").missing == 2
    assert pick(findings, "f1_changed.updating").estimate == 1


def write_table(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    if path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        return
    table = pl.DataFrame(rows, infer_schema_length=None)
    table.write_csv(path) if path.suffix == ".csv" else table.write_parquet(path)
