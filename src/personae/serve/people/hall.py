"""Where populations are kept: a row for each person, its columns as JSON, so that pages of any of them are cheap."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona import Persona, persona_to_json, read_persona
from personae.population import row_of
from personae.serve.faults import not_found
from personae.serve.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS populations (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, size INTEGER NOT NULL, created REAL NOT NULL, source TEXT NOT NULL,
    is_simulated INTEGER NOT NULL,
    columns TEXT NOT NULL,         -- JSON: name, kind, how many people have none
    targets TEXT NOT NULL          -- JSON: wanted shares by column and value
);
CREATE TABLE IF NOT EXISTS population_people (
    population TEXT NOT NULL REFERENCES populations ON DELETE CASCADE, number INTEGER NOT NULL,
    person TEXT NOT NULL, name TEXT NOT NULL,
    row TEXT NOT NULL,             -- JSON: columns
    persona TEXT NOT NULL,         -- JSON: whole
    PRIMARY KEY (population, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS people_by_id ON population_people (population, person);
"""

MOST_PEOPLE = 50_000
_NO_COLUMNS = ("id", "rest", "weight", "text", "name")
_LONGEST_CATEGORY = 200


@dataclass(frozen=True, slots=True)
class Hall:
    """A population without its people."""

    id: str
    title: str
    size: int
    created: float
    source: str
    is_simulated: bool
    columns: Mapping[str, Mapping[str, Any]]
    targets: Mapping[str, Mapping[str, float]]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form without the columns."""
        return {
            "id": self.id,
            "title": self.title,
            "size": self.size,
            "created": self.created,
            "source": self.source,
            "simulated": self.is_simulated,
        }

    def column(self, name: str) -> Mapping[str, Any]:
        """What a column holds.

        Raises:
            Refusal: If there is none of this name.
        """
        if name not in self.columns:
            raise not_found("column", name)
        return self.columns[name]


class Halls:
    """All populations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, title: str, people: Sequence[Persona], source: str, *, is_simulated: bool) -> Hall:
        """Keep people as a population.

        Raises:
            InputError: If there is nobody, or are too many.
        """
        if not 0 < len(people) <= MOST_PEOPLE:
            remedy = "sample larger ones with personae population, and bring a part of them here"
            raise InputError(f"holds {len(people)} people; 1 to {MOST_PEOPLE} can be shown", where=title, remedy=remedy)
        rows = [{key: _plain(value) for key, value in row_of(person).items()} for person in people]
        made = Hall(
            f"pop-{secrets.token_hex(6)}", title, len(people), time.time(), source, is_simulated, columns_of(rows), {}
        )
        with self._store.writing() as connection:
            connection.execute(
                "INSERT INTO populations VALUES (?, ?, ?, ?, ?, ?, ?, '{}')",
                (made.id, title, made.size, made.created, source, int(is_simulated), _spell(made.columns)),
            )
            connection.executemany(
                "INSERT INTO population_people VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (made.id, number, person.id, person.name, _spell(row), _spell(persona_to_json(person)))
                    for number, (person, row) in enumerate(zip(people, rows, strict=True), start=1)
                ),
            )
        return made

    def get(self, id: str) -> Hall:
        """A population.

        Raises:
            Refusal: If there is none.
        """
        row = self._store.first("SELECT * FROM populations WHERE id = ?", (id,))
        if row is None:
            raise not_found("population", id)
        return _hall(row)

    def all(self) -> list[Hall]:
        """All populations, the newest first."""
        return [_hall(row) for row in self._store.read("SELECT * FROM populations ORDER BY created DESC, id")]

    def delete(self, id: str) -> None:
        """Remove a population with its people.

        Raises:
            Refusal: If there is none.
        """
        if not self._store.write("DELETE FROM populations WHERE id = ?", (id,)):
            raise not_found("population", id)

    def aim(self, hall: Hall, targets: Mapping[str, Mapping[str, float]]) -> Hall:
        """Set the shares that categories are wanted to have; an empty column has no more wishes.

        Raises:
            InputError: If shares of a column do not sum to 1.
            Refusal: If there is no such column.
        """
        wanted = {**hall.targets, **targets}
        for column, shares in targets.items():
            hall.column(column)
            if shares and abs(sum(shares.values()) - 1) > 0.01:
                raise InputError(
                    f"shares sum to {sum(shares.values()):g}", where=column, remedy="give shares that sum to 1"
                )
        kept = {column: shares for column, shares in wanted.items() if shares}
        self._store.write("UPDATE populations SET targets = ? WHERE id = ?", (_spell(kept), hall.id))
        return self.get(hall.id)

    def values(self, hall: Hall, column: str) -> list[Any]:
        """One column, a value for each person."""
        rows = self._store.read(
            "SELECT json_extract(row, ?) FROM population_people WHERE population = ? ORDER BY number",
            (_path(column), hall.id),
        )
        return [value for (value,) in rows]

    def rows(self, hall: Hall, numbers: Sequence[int]) -> list[tuple[str, dict[str, Any]]]:
        """Identifiers and columns of some people, by their numbers."""
        found = self._store.read(
            "SELECT person, row FROM population_people WHERE population = ? AND number IN"
            " (SELECT value FROM json_each(?)) ORDER BY number",
            (hall.id, _spell(list(numbers))),
        )
        return [(str(person), orjson.loads(row)) for person, row in found]

    def page(
        self, hall: Hall, query: str, filters: Mapping[str, str], limit: int, after: int
    ) -> tuple[list[dict[str, Any]], int | None, int]:
        """People who hold the words and fulfil the filters; the number behind which there are more, and how many.

        Raises:
            InputError: If a filter is none.
            Refusal: If it is of no column.
        """
        match, values = ["population = ?"], [hall.id]  # type: tuple[list[str], list[Any]]
        for word in query.lower().split()[:8]:
            match.append("(instr(lower(name), ?) OR instr(lower(row), ?))")
            values += [word, word]
        for column, wanted in filters.items():
            match.append(_condition(hall.column(column), column, wanted, values))
        where = " AND ".join(match)
        total = int(self._store.read(f"SELECT count(*) FROM population_people WHERE {where}", values)[0][0])
        rows = self._store.read(
            f"SELECT number, person, name, row FROM population_people WHERE {where} AND number > ?"
            " ORDER BY number LIMIT ?",
            (*values, after, limit + 1),
        )
        items = [
            {
                "id": person,
                "name": name,
                "values": {key: value for key, value in orjson.loads(row).items() if key in hall.columns},
            }
            for _, person, name, row in rows[:limit]
        ]
        return items, rows[limit - 1][0] if len(rows) > limit else None, total

    def person(self, hall: Hall, id: str) -> Persona:
        """One person whole.

        Raises:
            Refusal: If nobody is called so.
        """
        row = self._store.first(
            "SELECT persona FROM population_people WHERE population = ? AND person = ? LIMIT 1", (hall.id, id)
        )
        if row is None:
            raise not_found("person", id)
        return read_persona(orjson.loads(row[0])).persona


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What columns there are: numbers or categories, and how many people have no value."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        for name, value in row.items():
            if name in _NO_COLUMNS:
                continue
            column = found.setdefault(name, {"kind": "number", "missing": len(rows)})
            column["missing"] -= 1
            if not isinstance(value, int | float) or isinstance(value, bool):
                column["kind"] = "category"
    return found


def _condition(column: Mapping[str, Any], name: str, wanted: str, values: list[Any]) -> str:
    if column["kind"] != "number":
        values += [_path(name), wanted]
        return "json_extract(row, ?) = ?"
    low, dots, high = wanted.partition("..")
    try:
        bounds = (float(low) if low else -1e308, float(high) if high else 1e308) if dots else (float(low), float(low))
    except ValueError:
        raise InputError(f"{wanted[:50]!r} is no number", where=name, remedy="write 3 or 2..4") from None
    values += [_path(name), *bounds]
    return "json_extract(row, ?) BETWEEN ? AND ?"


def _path(column: str) -> str:
    quoted = column.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{quoted}"'


def _plain(value: Any) -> Any:
    """A value of one column: lists are told as text, long texts cut, as categories they would be useless anyway."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return value[:_LONGEST_CATEGORY] if isinstance(value, str) else value


def _spell(value: Any) -> str:
    return orjson.dumps(value).decode()


def _hall(row: Iterable[Any]) -> Hall:
    id, title, size, created, source, is_simulated, columns, targets = row
    return Hall(id, title, size, created, source, bool(is_simulated), orjson.loads(columns), orjson.loads(targets))
