"""Where populations are kept: a row for each person, its columns as JSON, so that pages of any of them are cheap."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from personae.errors import InputError
from personae.persona import Persona, persona_to_json, read_persona
from personae.population import rake, row_of
from personae.serve.faults import not_found
from personae.serve.store import Store
from personae.stats.raking import effective_n

SCHEMA = """
CREATE TABLE IF NOT EXISTS populations (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, size INTEGER NOT NULL, created REAL NOT NULL, source TEXT NOT NULL,
    is_simulated INTEGER NOT NULL,
    columns TEXT NOT NULL,         -- JSON: name, kind, how many people have none
    targets TEXT NOT NULL,         -- JSON: wanted shares by column and value
    weighting TEXT NOT NULL        -- JSON: where the weights of the people come from, and what they cost; null if none
);
CREATE TABLE IF NOT EXISTS population_people (
    population TEXT NOT NULL REFERENCES populations ON DELETE CASCADE, number INTEGER NOT NULL,
    person TEXT NOT NULL, name TEXT NOT NULL,
    row TEXT NOT NULL,             -- JSON: columns
    persona TEXT NOT NULL,         -- JSON: whole
    weight REAL NOT NULL,          -- how many people of the whole this one stands for, on average 1
    PRIMARY KEY (population, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS people_by_id ON population_people (population, person);
"""

MOST_PEOPLE = 200_000
_NO_COLUMNS = ("id", "rest", "weight", "text", "name")
_LONGEST_CATEGORY = 200
_PIECE = 2000


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
    weighting: Mapping[str, Any] | None = None
    """Where the weights come from, and what they cost; ``None`` if all people count alike."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form without the columns."""
        return {
            "id": self.id,
            "title": self.title,
            "size": self.size,
            "created": self.created,
            "source": self.source,
            "simulated": self.is_simulated,
            "weighting": self.weighting,
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

    def put(
        self,
        title: str,
        people: Sequence[Persona],
        source: str,
        *,
        is_simulated: bool,
        weights: NDArray[np.float64] | None = None,
    ) -> Hall:
        """Keep people as a population, with weights if they have some.

        Raises:
            InputError: If there is nobody, or are too many.
        """
        if not 0 < len(people) <= MOST_PEOPLE:
            remedy = "sample larger ones with personae population, and bring a part of them here"
            raise InputError(f"holds {len(people)} people; 1 to {MOST_PEOPLE} can be shown", where=title, remedy=remedy)
        rows = [{key: _plain(value) for key, value in row_of(person).items()} for person in people]
        id = f"pop-{secrets.token_hex(6)}"
        weighting = None if weights is None else weighting_of(weights, "the file")
        given = [1.0] * len(people) if weights is None else (weights / weights.mean()).tolist()
        made = Hall(id, title, len(people), time.time(), source, is_simulated, columns_of(rows), {}, weighting)
        spelled = [
            (id, number, person.id, person.name, _spell(row), _spell(persona_to_json(person)), weight)
            for number, (person, row, weight) in enumerate(zip(people, rows, given, strict=True), start=1)
        ]  # before the transaction, which nobody else can write beside
        with self._store.writing() as connection:
            connection.execute(
                "INSERT INTO populations VALUES (?, ?, ?, ?, ?, ?, ?, '{}', ?)",
                (
                    id,
                    title,
                    made.size,
                    made.created,
                    source,
                    int(is_simulated),
                    _spell(made.columns),
                    _spell(weighting),
                ),
            )
            connection.executemany("INSERT INTO population_people VALUES (?, ?, ?, ?, ?, ?, ?)", spelled)
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

    def weigh(self, hall: Hall) -> Hall:
        """Weight the people so that every column that has wanted shares reaches them (raking, from equal weights).

        Raises:
            InputError: If no shares are wanted, a share cannot be reached, or a column is empty for somebody.
        """
        import polars as pl

        columns = {column: [_told(value) for value in self.values(hall, column)] for column in hall.targets}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        found = rake(frame, hall.targets)
        told = {**weighting_of(found.people["weight"].to_numpy(), "raking"), "largest_error": found.largest_error}
        numbers = enumerate(found.people["weight"].to_list(), start=1)
        self._set_weights(hall, told, [(weight, hall.id, number) for number, weight in numbers])
        return self.get(hall.id)

    def unweigh(self, hall: Hall) -> Hall:
        """Let all people count alike."""
        self._set_weights(hall, None, [(1.0, hall.id, number) for number in range(1, hall.size + 1)])
        return self.get(hall.id)

    def _set_weights(
        self, hall: Hall, weighting: Mapping[str, Any] | None, rows: Sequence[tuple[float, str, int]]
    ) -> None:
        with self._store.writing() as connection:
            connection.executemany("UPDATE population_people SET weight = ? WHERE population = ? AND number = ?", rows)
            connection.execute("UPDATE populations SET weighting = ? WHERE id = ?", (_spell(weighting), hall.id))

    def weights(self, hall: Hall) -> NDArray[np.float64] | None:
        """The weight of each person; ``None`` if all count alike."""
        if hall.weighting is None:
            return None
        rows = self._store.read("SELECT weight FROM population_people WHERE population = ? ORDER BY number", (hall.id,))
        return np.array([weight for (weight,) in rows])

    def people(self, hall: Hall) -> Iterator[tuple[Persona, float]]:
        """Everybody with their weight, some at a time."""
        for start in range(0, hall.size, _PIECE):
            rows = self._store.read(
                "SELECT persona, weight FROM population_people WHERE population = ? AND number > ? AND number <= ?"
                " ORDER BY number",
                (hall.id, start, start + _PIECE),
            )
            for spelled, weight in rows:
                yield read_persona(orjson.loads(spelled)).persona, float(weight)

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
        self, hall: Hall, query: str, filters: Mapping[str, str], limit: int, after: int, sort: str = ""
    ) -> tuple[list[dict[str, Any]], int | None, int]:
        """People who hold the words and fulfil the filters; what to begin after for more of them, and how many.

        Args:
            hall: Whose people.
            query: Words.
            filters: What is wanted of columns.
            limit: At most so many.
            after: The number of the last person before, or where ``sort`` is given, how many come before.
            sort: Column by which they are ordered, with ``-`` before it the largest first; those without a value come
                last. ``name`` and ``weight`` are columns too.

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
        keys = "SELECT number, person, name, row, weight FROM population_people"
        if sort:
            order = _order(hall, sort, values)
            sql, begin = f"{keys} WHERE {where} ORDER BY {order}, number LIMIT ? OFFSET ?", (limit + 1, after)
        else:
            sql, begin = f"{keys} WHERE {where} AND number > ? ORDER BY number LIMIT ?", (after, limit + 1)
        rows = self._store.read(sql, (*values, *begin))
        items = [
            {
                "id": person,
                "name": name,
                "weight": weight,
                "values": {key: value for key, value in orjson.loads(row).items() if key in hall.columns},
            }
            for _, person, name, row, weight in rows[:limit]
        ]
        following = after + limit if sort else rows[min(limit, len(rows)) - 1][0] if rows else 0
        return items, following if len(rows) > limit else None, total

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
        return "json_extract(row, ?) = ? COLLATE NOCASE"
    low, dots, high = wanted.partition("..")
    try:
        bounds = (float(low) if low else -1e308, float(high) if high else 1e308) if dots else (float(low), float(low))
    except ValueError:
        raise InputError(f"{wanted[:50]!r} is no number", where=name, remedy="write 3 or 2..4") from None
    values += [_path(name), *bounds]
    return "json_extract(row, ?) BETWEEN ? AND ?"


def _order(hall: Hall, sort: str, values: list[Any]) -> str:
    column, way = sort.removeprefix("-"), "DESC" if sort.startswith("-") else "ASC"
    if column in ("name", "weight"):
        return f"{column} = '', {column} COLLATE NOCASE {way}" if column == "name" else f"weight {way}"
    hall.column(column)
    values += [_path(column), _path(column)]
    return f"json_extract(row, ?) IS NULL, json_extract(row, ?) COLLATE NOCASE {way}"


def weighting_of(weights: NDArray[np.float64], origin: str) -> dict[str, Any]:
    """Where weights come from, and what they cost: the effective n (Kish) and the design effect.

    Example:
        >>> weighting_of(np.array([1.0, 1.0, 2.0]), "the file")
        {'origin': 'the file', 'effective_n': 2.67, 'design_effect': 1.125}
    """
    n = effective_n(weights)
    return {"origin": origin, "effective_n": round(n, 2), "design_effect": round(len(weights) / n, 4)}


def _told(value: Any) -> str | None:
    return None if value is None else str(value)


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
    id, title, size, created, source, is_simulated, *spelled = row
    columns, targets, weighting = map(orjson.loads, spelled)
    return Hall(id, title, size, created, source, bool(is_simulated), columns, targets, weighting)
