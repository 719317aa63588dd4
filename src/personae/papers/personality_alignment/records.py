"""Records of people in the published layout: answers, items with their keys, and the split into told and predicted."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from personae.errors import InputError
from personae.papers.personality_alignment.findings import Records
from personae.papers.personality_alignment.inventory import DOMAINS, HIGHEST, LOWEST, Inventory

ITEMS, SPLIT = "mpi_300.csv", "mpi_300_split.json"
_MISSING = 0
LAYOUT = (
    f"{ITEMS} (label_raw, text, label_ocean, key), {SPLIT} (train_index, test_index), a CSV with columns i1 to i300"
)


def read_people(folder: Path) -> Records:
    """Read answers of people with their items.

    A row of the items is the item whose number stands at its place among the train and then the test indices, and not
    the item of its own number. An answer of 0 is missing.

    Raises:
        InputError: If a file is missing, malformed, or an answer is not 1 to 5.
    """
    inventory = _read_items(folder)
    names = [f"i{item}" for item in inventory.ids]
    for path in sorted(folder.glob("*.csv")):
        if path.name == ITEMS:
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(names) <= set(reader.fieldnames or ()):
                continue
            rows = list(reader)
        return Records(
            inventory, np.array([_numbers(row, names, path, line) for line, row in enumerate(rows, start=2)])
        )
    raise InputError("holds no answers of people", where=str(folder), remedy=f"the layout is {LAYOUT}")


def demographics(folder: Path) -> dict[str, str]:
    """What the file of answers says about the people, in words for a record."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        ages = [float(row["age"]) for row in rows if row.get("age", "").replace(".", "", 1).isdigit()]
        if ages and "i1" in rows[0]:
            return {"people": str(len(rows)), "mean age": f"{sum(ages) / len(ages):.1f}"}
    return {}


def _read_items(folder: Path) -> Inventory:
    try:
        with (folder / ITEMS).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        split = json.loads((folder / SPLIT).read_text(encoding="utf-8"))
        train, test = [int(number) for number in split["train_index"]], [int(number) for number in split["test_index"]]
        order = [*train, *test]
        if sorted(order) != list(range(1, len(rows) + 1)):
            raise InputError(
                "does not number every item once", where=str(folder / SPLIT), remedy=f"the layout is {LAYOUT}"
            )
        by_number = dict(zip(order, rows, strict=True))
        numbers = sorted(by_number)
        inventory = Inventory(
            tuple(str(number) for number in numbers),
            tuple(by_number[number]["text"] for number in numbers),
            tuple(by_number[number]["label_ocean"] for number in numbers),
            tuple(int(by_number[number]["key"]) for number in numbers),
            frozenset(str(number) for number in train),
        )
    except (OSError, KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise InputError(
            f"has no items and split that can be read ({type(error).__name__})",
            where=str(folder),
            remedy=f"the layout is {LAYOUT}",
        ) from error
    if not set(inventory.domains) <= set(DOMAINS) or not set(inventory.signs) <= {1, -1}:
        raise InputError(
            "has a domain or a key that is unknown", where=str(folder / ITEMS), remedy="domains are A C E N O"
        )
    return inventory


def _numbers(row: dict[str, str], names: list[str], path: Path, line: int) -> list[float]:
    values = []
    for name in names:
        text = (row[name] or "").strip()
        try:
            value = float(text) if text else float(_MISSING)
        except ValueError:
            value = -1.0
        if value != _MISSING and not (LOWEST <= value <= HIGHEST and value.is_integer()):
            raise InputError(
                f"{text!r} is no answer", where=f"{path}, row {line}, {name}", remedy="answers are 1 to 5; 0 is missing"
            )
        values.append(float("nan") if value == _MISSING else value)
    return values
