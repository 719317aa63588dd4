"""Outputs in the layout that the authors of PersonaLLM published, made here."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from personae.instrument import load_instrument
from personae.instrument.administration import letters
from personae.papers.personallm import poles_of
from personae.population import persona_types


def write_outputs(
    folder: Path, answer: Callable[[Mapping[str, int], str, int], str], *, model: str = "m-1", temperature: str = "0.7"
) -> Path:
    """Write outputs in the authors' layout: one file a respondent, with the reply that ``answer`` makes."""
    target = folder / "outputs" / model / f"temp{temperature}" / "bfi"
    target.mkdir(parents=True, exist_ok=True)
    for code in persona_types():
        for run in range(1, 4):
            data = {"persona_encoding": code, "iteration": run, "annotation": answer(poles_of(code), code, run)}
            (target / f"{code}_p{run}.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


def plain_answers(poles: Mapping[str, int], code: str, run: int) -> str:
    """Answers that follow the poles, three in four of them all the way."""
    bfi = load_instrument("bfi-44")
    trait_of = {item: (scale, sign) for scale in bfi.scales for item, sign in bfi.keying(scale).items()}
    lines = []
    for index, item in enumerate(bfi.item_ids):
        scale, sign = trait_of[item]
        agrees = poles[scale.trait] * scale.direction * sign > 0
        is_sure = zlib.crc32(f"{code} {index} {run}".encode()) % 4
        value = (5 if agrees else 1) if is_sure else (4 if agrees else 2)
        lines.append(f"({letters(index)}) {value}")
    return "\n".join(lines)
