"""Made-up characters of SPeCtrum."""

from __future__ import annotations

from pathlib import Path


def write_profiles(folder: Path, count: int = 4) -> Path:
    """Characters of whom S tells 2 facts, P one and C 6; nobody shares one."""
    facts = {"S": 2, "P_personality": 1, "P_value": 0, "C_behavior": 6, "C_lovehate": 0}
    for number in range(count):
        for part, several in facts.items():
            lines = [f"fact {part}{number}x{place}" for place in range(several)] or ["nothing to tell"]
            (folder / f"Nr{number} (The Mill)_{part}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder
