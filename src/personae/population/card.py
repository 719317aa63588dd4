"""The card of a data set of people: how they were made, under which terms, and what they do not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from personae.persona.spelling import write_yaml

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGER = ((10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"))


def write_card(record: Mapping[str, Any], parts: Sequence[Path]) -> str:
    """Write a data card as the Hugging Face hub reads it: facts in YAML, then prose.

    Args:
        record: The record of the population.
        parts: Its files, of which the first tells the columns.
    """
    import polars as pl

    schema = pl.read_parquet_schema(parts[0])
    head = {
        "pretty_name": record["name"],
        "license": record["licence"] or "unknown",
        "size_categories": [_size(record["size"])],
        "tags": ["personas", "synthetic"],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": "data/*.parquet"}]}],
    }
    kinds = sorted({source.get("origin", "given") for source in record["provenance"].values()})
    lines = [
        "---",
        write_yaml(head).strip(),
        "---",
        "",
        f"# {record['name']}",
        "",
        record["about"] or "A population of personas.",
        "",
        "## How it was made",
        "",
        f"{record['size']} people, {', '.join(kinds) or 'given'}; source `{record['source'].get('kind', 'unknown')}`, "
        f"seed {record['seed']}, fingerprint `{record['fingerprint'][:16]}`, by personae {version('personae')}.",
        "The same source and seed give the same people; `population.json` has the source as it was drawn from.",
        "",
        *(f"- `{path}`: {_told(source)}" for path, source in sorted(record["provenance"].items())),
        "",
        *([f"The column `text` was written by the renderer `{record['renderer']}`.", ""] if record["renderer"] else []),
        "## Columns",
        "",
        "| column | type |",
        "|---|---|",
        *(f"| `{name}` | {kind} |" for name, kind in schema.items()),
        "",
        "## Limits",
        "",
        "These people are made up or drawn from data; they are not evidence about real people beyond the shares that",
        "were put in. Rows of real data stay under the consent and the terms that they came with.",
    ]
    return "\n".join(lines) + "\n"


def _told(source: Mapping[str, Any]) -> str:
    words = [source.get("origin", "given"), f"by {source['by']}" if source.get("by") else ""]
    words += [f"{name}: {source[name]}" for name in ("licence", "consent", "note") if source.get(name)]
    return ", ".join(word for word in words if word)


def _size(n: int) -> str:
    return next((name for most, name in (*_SIZES, *_LARGER) if n < most), "n>1B")
