"""Figures of Ge et al. (2024). Those of trained models are not quoted: nothing is trained here."""

from __future__ import annotations

from personae.papers.persona_hub.replay import PUBLISHED
from personae.study import Claim

_FILE = "authors' repository, commit 72bf19b, data/tool.jsonl"

CLAIMS = (
    Claim(
        "personas",
        "Persona Hub",
        1_015_863_523.0,
        where="section on Persona Hub; the title has 1,000,000,000",
        confidence="memory",
        formula="people after MinHash (1-grams, 128, Jaccard > .9), embeddings (cosine > .9) and heuristics",
    ),
    Claim("rows.tool", PUBLISHED, 5000.0, where=_FILE, confidence="verified", formula="rows of the whole file"),
    Claim("distinct.tool", PUBLISHED, 5000.0, where=_FILE, confidence="verified", formula="different texts"),
    Claim("distinct.personas", PUBLISHED, 5000.0, where=_FILE, confidence="verified", formula="different personas"),
    Claim(
        "parsed.tool.persona",
        PUBLISHED,
        4989 / 5000,
        where=_FILE,
        confidence="verified",
        formula="share of texts that parse as JSON",
    ),
    *(
        Claim(f"rows.{kind}", "Persona Hub", float(n), where="README, Data Release", confidence="verified")
        for kind, n in (
            ("math", 50_000),
            ("logic", 50_000),
            ("instruction", 50_000),
            ("knowledge", 10_000),
            ("npc", 10_000),
        )
    ),
)
