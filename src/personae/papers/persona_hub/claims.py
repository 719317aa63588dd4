"""Figures of Ge et al. (2024). Those of their trained model stand beside whatever model is tried on such a set."""

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
    Claim(
        "valid.math",
        "GPT-4",
        193 / 200,
        where="maths study, problems checked by people",
        confidence="memory",
        formula="valid problems among 200 challenging ones",
    ),
    Claim(
        "solved.held_out",
        "Qwen2-7B, fine-tuned",
        0.794,
        where="maths study, in distribution",
        confidence="memory",
        formula="share of 20,000 held-out synthetic problems",
        note="trained on problems of the same kind",
    ),
    Claim(
        "solved.benchmark",
        "Qwen2-7B, fine-tuned",
        0.649,
        where="maths study, MATH",
        confidence="memory",
        formula="share of the test problems of MATH",
    ),
    *(
        Claim(f"rows.{kind}", PUBLISHED, float(n), where="README, Data Release", confidence="verified")
        for kind, n in (
            ("math", 50_000),
            ("logic", 50_000),
            ("instruction", 50_000),
            ("knowledge", 10_000),
            ("npc", 10_000),
            ("persona", 200_000),
        )
    ),
)
