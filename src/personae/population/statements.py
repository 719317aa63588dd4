"""Statements that somebody would say or not, with a label each: the model-written ones of Perez et al. (2022).

They are not shipped: the user's folder has a JSONL file a persona, as the repository ``anthropics/evals`` (CC BY 4.0).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from personae.errors import InputError
from personae.persona import Persona, Provenance

if TYPE_CHECKING:
    import polars as pl

SOURCE = Provenance(origin="written", by="a language model, in Perez et al. (2022)", licence="CC BY 4.0")
CONFIDENCE = 0.85
"""Confidence of a label from which the study takes a statement (from memory)."""
_MOST_BYTES = 50_000_000
_ANSWERS = {"yes": True, "no": False}


def read_statements(folder: Path | str, *, least: float = CONFIDENCE) -> pl.DataFrame:
    """Read the files of those personas of ``persona_localization`` that are there.

    Args:
        folder: With ``extraversion.jsonl``, ``subscribes-to-utilitarianism.jsonl`` and so on; others are passed over.
        least: Least confidence of a label; 0 for all statements.

    Returns:
        Columns ``persona``, ``statement``, ``is_matching`` (whether the persona would say it), ``confidence``.

    Raises:
        InputError: If no file is there, or a line is no such statement; the message names file and line.
    """
    import polars as pl

    from personae.population.named import named

    rows: list[dict[str, Any]] = []
    keys = [one.id for one in named("persona_localization").personas()]
    found = [path for key in keys if (path := Path(folder) / f"{key}.jsonl").is_file()]
    if not found:
        raise InputError("holds none of the fourteen files", where=str(folder), remedy=f"put in {keys[0]}.jsonl")
    for path in found:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"has more than {_MOST_BYTES} bytes", where=str(path), remedy="check the file")
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if line.strip():
                rows.append({"persona": path.stem, **_statement(line, f"{path}:{number}")})
    table = pl.DataFrame(rows)
    return table.filter(pl.col("confidence") >= least)


def _statement(line: bytes, where: str) -> dict[str, Any]:
    try:
        data = orjson.loads(line)
        return {
            "statement": str(data["statement"]),
            "is_matching": _ANSWERS[str(data["answer_matching_behavior"]).strip().lower()],
            "confidence": float(data["label_confidence"]),
        }
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"is no labelled statement ({error})",
            where=where,
            remedy="a line has statement, label_confidence and answer_matching_behavior, which is Yes or No",
        ) from error


def with_beliefs(persona: Persona, statements: pl.DataFrame, most: int = 10) -> Persona:
    """Give a persona the statements that match it with the highest confidence as beliefs; none, if it has none.

    Args:
        persona: Of the set ``persona_localization``.
        statements: As :func:`read_statements` gives them.
        most: How many at the most.
    """
    import polars as pl

    own = statements.filter((pl.col("persona") == persona.id) & pl.col("is_matching"))
    best = own.sort("confidence", descending=True, maintain_order=True).head(most)
    if best.is_empty():
        return persona
    source = {**persona.provenance, "beliefs": SOURCE}
    return persona.model_copy(update={"beliefs": tuple(best["statement"].to_list()), "provenance": source})
