"""Populations in the studio: brought, drawn, counted, mapped, filtered and opened."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from personae.serve.people.picture import map_of, sample_numbers
from support.served import client_of

CSV = (
    "id,name,demographics.age,demographics.gender,traits.big_five.openness\n"
    "a,Ada,30,woman,1.5\nb,Bo,40,man,-0.5\nc,Cy,50,man,\nd,Di,60,woman,0.25\n"
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path) as client:
        yield client


@pytest.fixture
def four(client: TestClient) -> str:
    answer = client.post("/api/populations", files={"file": ("people.csv", CSV)}, data={"title": "Four"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def people(client: TestClient, id: str, **query: Any) -> list[str]:
    answer = client.get(f"/api/populations/{id}/people", params=query)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["items"]]


def test_a_table_becomes_people_with_columns(client: TestClient, four: str) -> None:
    told = client.get(f"/api/populations/{four}").json()
    assert (told["title"], told["size"], told["simulated"]) == ("Four", 4, False)
    kinds = {column["name"]: (column["kind"], column["missing"]) for column in told["columns"]}
    assert kinds == {
        "demographics.age": ("number", 0),
        "demographics.gender": ("category", 0),
        "traits.big_five.openness": ("number", 1),
    }
    person = client.get(f"/api/populations/{four}/people/a").json()["persona"]
    assert (person["name"], person["traits"]) == ("Ada", {"big_five.openness": 1.5})
    assert client.get(f"/api/populations/{four}/people/nobody").status_code == 404


def test_people_are_filtered_by_words_categories_and_numbers(client: TestClient, four: str) -> None:
    assert people(client, four, q="cy") == ["c"]
    assert people(client, four, **{"demographics.gender": "woman"}) == ["a", "d"]
    assert people(client, four, **{"demographics.age": "35..55"}) == ["b", "c"]
    assert people(client, four, **{"demographics.age": "50.."}) == ["c", "d"]
    assert people(client, four, **{"demographics.age": "30", "demographics.gender": "man"}) == []
    assert client.get(f"/api/populations/{four}/people", params={"demographics.age": "old"}).status_code == 400
    assert client.get(f"/api/populations/{four}/people", params={"nothing": "x"}).status_code == 404
    first = client.get(f"/api/populations/{four}/people?limit=3").json()
    assert (first["total"], len(first["items"])) == (4, 3)
    assert people(client, four, cursor=first["next"]) == ["d"]


def test_distributions_stand_beside_what_is_wanted(client: TestClient, four: str) -> None:
    ages = client.get(f"/api/populations/{four}/distribution?column=demographics.age").json()
    assert (ages["n"], ages["mean"], sum(one["count"] for one in ages["bins"])) == (4, 45.0, 4)
    path = f"/api/populations/{four}/targets"
    wanted = {"demographics.gender": {"woman": 0.5, "man": 0.4, "other": 0.1}}
    assert client.put(path, json=wanted).json()["targets"] == wanted
    told = client.get(f"/api/populations/{four}/distribution?column=demographics.gender").json()
    assert {one["value"]: (one["count"], one["target"]) for one in told["categories"]} == {
        "woman": (2, 0.5),
        "man": (2, 0.4),
        "other": (0, 0.1),
    }
    assert client.put(path, json={"demographics.gender": {"woman": 0.2}}).status_code == 400
    assert client.put(path, json={"demographics.gender": {}}).json()["targets"] == {}
    openness = client.get(f"/api/populations/{four}/distribution?column=traits.big_five.openness").json()
    assert (openness["n"], openness["missing"]) == (3, 1)


def test_drawn_people_are_the_same_for_the_same_seed_and_say_that_they_were_drawn(client: TestClient) -> None:
    body = {"title": "Drawn", "kind": "drawn", "size": 300, "seed": 7}
    made = [client.post("/api/populations/generate", json=body).json() for _ in range(2)]
    assert made[0]["simulated"]
    maps = [client.get(f"/api/populations/{one['id']}/map?color=traits.big_five.openness").json() for one in made]
    assert maps[0]["points"] == maps[1]["points"]
    assert len(maps[0]["points"]) == 300
    told = client.get(f"/api/populations/{made[0]['id']}/distribution?column=traits.big_five.openness").json()
    assert abs(told["mean"]) < 0.2
    assert 0.85 < told["sd"] < 1.15
    assert [one["id"] for one in client.get("/api/populations").json()["items"]] == [made[1]["id"], made[0]["id"]]
    assert client.delete(f"/api/populations/{made[0]['id']}").status_code == 204
    assert client.get(f"/api/populations/{made[0]['id']}").status_code == 404
    assert client.post("/api/populations/generate", json={**body, "traits": ["x.y"]}).status_code == 400


def test_parquet_and_persona_files_are_read_too(client: TestClient) -> None:
    packed = io.BytesIO()
    pl.read_csv(io.StringIO(CSV)).write_parquet(packed)
    for name, data in (("p.parquet", packed.getvalue()), ("p.jsonl", b'{"name": "Ada"}\n{"name": "Bo"}\n')):
        assert client.post("/api/populations", files={"file": (name, data)}).status_code == 201, name


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"a,b\n1,2\n", b"id,traits.big_five.openness\na,99\n"])
@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "../../x.csv", "x"])
def test_files_that_hold_no_people_are_refused(client: TestClient, name: str, data: bytes) -> None:
    answer = client.post("/api/populations", files={"file": (name, data)})
    assert answer.status_code in (400, 422), answer.text


def test_a_map_keeps_apart_what_is_apart_and_says_how_much_it_shows() -> None:
    rows: list[tuple[str, dict[str, Any]]] = [
        (f"p{n}", {"x": float(n % 2) * 10 + n * 1e-3, "g": "ab"[n % 2]}) for n in range(20)
    ]
    columns = {"x": {"kind": "number"}, "g": {"kind": "category"}}
    drawn = map_of(rows, columns, "g")
    sides = {
        point["color"]: {p["x"] > 0 for p in drawn["points"] if p["color"] == point["color"]}
        for point in drawn["points"]
    }
    assert sorted(map(len, sides.values())) == [1, 1]
    assert sides["a"] != sides["b"]
    assert "100%" in drawn["note"]
    assert map_of(rows[:1], columns, "")["points"][0]["x"] == 0.0


def test_large_populations_are_mapped_by_a_sample() -> None:
    chosen = sample_numbers(20_000)
    assert len(chosen) == 5000
    assert chosen == sample_numbers(20_000)
    assert min(chosen) >= 1
    assert max(chosen) <= 20_000


def test_people_are_sorted_by_any_column_and_paged_in_that_order(client: TestClient, four: str) -> None:
    assert people(client, four, sort="-demographics.age") == ["d", "c", "b", "a"]
    assert people(client, four, sort="traits.big_five.openness") == ["b", "d", "a", "c"]  # who has none comes last
    assert people(client, four, sort="-traits.big_five.openness") == ["a", "d", "b", "c"]
    assert people(client, four, sort="-name") == ["d", "c", "b", "a"]
    first = client.get(f"/api/populations/{four}/people?limit=3&sort=-demographics.age").json()
    assert [row["id"] for row in first["items"]] == ["d", "c", "b"]
    assert people(client, four, sort="-demographics.age", cursor=first["next"]) == ["a"]
    assert people(client, four, sort="-demographics.age", **{"demographics.gender": "WOMAN"}) == ["d", "a"]
    assert client.get(f"/api/populations/{four}/people?sort=nothing").status_code == 404


WEIGHTED = "id,name,demographics.age,demographics.gender,weight\n" + "".join(
    f"p{n},P{n},{20 + n},{'woman' if n % 4 else 'man'},{3 if n % 4 == 0 else 1}\n" for n in range(40)
)


def test_weights_of_a_file_count(client: TestClient) -> None:
    id = client.post("/api/populations", files={"file": ("people.csv", WEIGHTED)}).json()["id"]
    told = client.get(f"/api/populations/{id}").json()
    assert told["weighting"] == {"origin": "the file", "effective_n": 30.0, "design_effect": round(40 / 30, 4)}
    path = f"/api/populations/{id}/distribution?column="
    genders = client.get(f"{path}demographics.gender").json()
    assert {one["value"]: (one["count"], one["share"]) for one in genders["categories"]} == {
        "woman": (30, 0.5),
        "man": (10, 0.5),
    }
    ages = client.get(f"{path}demographics.age").json()
    weights = [3 if n % 4 == 0 else 1 for n in range(40)]
    mean = sum(weight * (20 + n) for n, weight in enumerate(weights)) / sum(weights)
    assert ages["mean"] == pytest.approx(mean)
    assert sum(one["share"] for one in ages["bins"]) == pytest.approx(1)
    assert sum(one["count"] for one in ages["bins"]) == 40
    assert client.delete(f"/api/populations/{id}/weights").status_code == 204
    assert client.get(f"{path}demographics.gender").json()["categories"][0]["share"] == 0.75


def test_people_are_weighted_to_the_shares_that_are_wanted(client: TestClient) -> None:
    id = client.post("/api/populations", files={"file": ("people.csv", WEIGHTED)}).json()["id"]
    client.delete(f"/api/populations/{id}/weights")
    assert client.post(f"/api/populations/{id}/weights").status_code == 400  # nothing is wanted yet
    client.put(f"/api/populations/{id}/targets", json={"demographics.gender": {"woman": 0.5, "man": 0.5}})
    before = client.get(f"/api/populations/{id}/distribution?column=demographics.gender").json()
    assert before["total_variation"] == pytest.approx(0.25)
    women = before["categories"][0]
    assert women["low"] > women["target"]  # far from what is wanted, beyond chance
    made = client.post(f"/api/populations/{id}/weights").json()["weighting"]
    assert made["effective_n"] == pytest.approx(30)
    assert made["largest_error"] == pytest.approx(0, abs=1e-6)
    after = client.get(f"/api/populations/{id}/distribution?column=demographics.gender").json()
    assert [one["share"] for one in after["categories"]] == pytest.approx([0.5, 0.5])
    assert after["total_variation"] == pytest.approx(0, abs=1e-6)
    client.put(f"/api/populations/{id}/targets", json={"demographics.gender": {"woman": 0.5, "nobody": 0.5}})
    assert client.post(f"/api/populations/{id}/weights").status_code == 400


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_people_go_out_with_their_weights_and_come_back(client: TestClient, format: str) -> None:
    id = client.post("/api/populations", files={"file": ("people.csv", WEIGHTED)}).json()["id"]
    out = client.get(f"/api/populations/{id}/export?format={format}")
    assert out.headers["content-disposition"].startswith("attachment")
    again = client.post("/api/populations", files={"file": (f"p.{format}", out.content)}).json()
    assert (again["size"], again["weighting"]["effective_n"]) == (40, 30.0)
    assert people(client, again["id"]) == people(client, id)


def test_nothing_that_nobody_may_pass_on_goes_out_with_a_population(client: TestClient) -> None:
    secret = b'{"name": "Ada", "style": "SECRET", "provenance": {"style": {"consent": "withdrawn"}}}\n'
    id = client.post("/api/populations", files={"file": ("p.jsonl", secret * 1)}).json()["id"]
    assert b"SECRET" not in client.get(f"/api/populations/{id}/export?format=csv").content
