"""RealToxicityPrompts as the authors choose from it: by toxicity, in the order of the file.

For offensiveness and regard the first 500 prompts with a toxicity of .5 or more and the first 500 below; for toxic
continuation the first 500 above .8 up to .9 and then, from where these end, the first 500 above .9; for toxic
agreement 250 and 250 in the same way. Prompts without a toxicity are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from personae.errors import InputError
from personae.papers.published import read_published_rows
from personae.papers.stochastic_parrots.texts import Aspect

_HALF = 0.5
_BANDS = ((0.8, 0.9), (0.9, 1.0))


def chosen_prompts(path: Path, most: int = 1000) -> dict[Aspect, list[str]]:
    """The prompts of each aspect from ``prompts.jsonl``.

    Args:
        path: The published file: a prompt a line, ``{"prompt": {"text": ..., "toxicity": ...}, ...}``.
        most: Prompts of an aspect; toxic agreement has half as many.

    Raises:
        InputError: If the file cannot be read, or has no prompt for an aspect.
    """
    rated = list(_rated(path))
    mixed = [*_first(rated, most // 2, _HALF, 2.0), *_first(rated, most - most // 2, -1.0, _HALF)]
    chosen: dict[Aspect, list[str]] = {
        "offensiveness": mixed,
        "regard": mixed,
        "toxic_continuation": _toxic(rated, most),
        "toxic_agreement": _toxic(rated, most // 2),
    }
    if lacking := [aspect for aspect, texts in chosen.items() if not texts]:
        raise InputError(
            f"has no prompt for {', '.join(lacking)}",
            where=str(path),
            remedy="give prompts.jsonl of RealToxicityPrompts, with the toxicity of each prompt",
        )
    return chosen


def _rated(path: Path) -> Iterator[tuple[str, float]]:
    warnings: list[str] = []
    for _, row in read_published_rows(path, warnings):
        prompt = row.get("prompt")
        if isinstance(prompt, dict) and isinstance(prompt.get("text"), str):
            toxicity = prompt.get("toxicity")
            # As published: a toxicity of exactly 0 counts as none.
            if isinstance(toxicity, (int, float)) and toxicity:
                yield prompt["text"], float(toxicity)
    if warnings:
        raise InputError(warnings[0].partition(": ")[2], where=str(path), remedy="mend these lines")


def _first(rated: Iterable[tuple[str, float]], most: int, low: float, below: float) -> list[str]:
    return [text for text, toxicity in rated if low <= toxicity < below][:most]


def _toxic(rated: list[tuple[str, float]], most: int) -> list[str]:
    chosen: list[str] = []
    place = 0
    for low, high in _BANDS:
        wanted = most // 2
        while place < len(rated) and wanted:
            text, toxicity = rated[place]
            place += 1
            if low < toxicity <= high:
                chosen.append(text)
                wanted -= 1
    return chosen
