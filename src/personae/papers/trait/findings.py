"""Scores of eight traits, three sensitivities, refusals, what personas elicit, and what a construction rejects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from personae.instrument.sensitivity import order_sensitivity, prompt_sensitivity, refusal_rate, repeat_sensitivity
from personae.instrument.tasks.situations import TRAITS
from personae.persona import trait_title
from personae.stats import Estimate, difference_of_proportions, one_sample_t, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

HIGH = (0, 2)
"""Places of the high options among high 1, low 1, high 2, low 2."""
_PUBLISHED_ORDER = (0, 2, 1, 3)
"""The order in which the published script looks for the largest: of equals the first, which is a high one."""

Row = Mapping[str, Any]


def measure_table(table: pl.DataFrame) -> list[Finding]:
    """Measure everything, for each model in the table."""
    found: list[Finding] = []
    if "condition" not in table.columns:
        return found
    for (subject,), mine in table.group_by(["model"], maintain_order=True):
        rows = list(mine.iter_rows(named=True))
        plain = [row for row in rows if row["condition"] == "plain"]
        for way in (AS_PUBLISHED, CORRECTED):
            found += _scores(plain, str(subject), way)
        found += _sensitivities(plain, str(subject))
        found += _personas([row for row in rows if row["condition"] == "persona"], str(subject))
        found += _construction([row for row in rows if row["condition"] == "build"], str(subject))
    return found


def averaged(row: Row, way: str, first: str = "usual", second: str = "swapped") -> list[float] | None:
    """Probabilities of high 1, low 1, high 2, low 2 over both orders; nothing if one order gave none."""
    kind = "published" if way == AS_PUBLISHED else "p"
    both = [row.get(f"{kind}.{label}") for label in (first, second)]
    if any(one is None for one in both):
        return None
    return [(a + b) / 2 for a, b in zip(*both, strict=True)]


def decision(p: Sequence[float] | None, way: str = CORRECTED) -> float:
    """1 if the most probable option is one of the high pole, 0 if one of the low; NaN without one.

    A tie of a high and a low option decides nothing; as published the high one wins.

    Example:
        >>> tie = [0.3, 0.3, 0.2, 0.2]
        >>> decision([0.4, 0.3, 0.2, 0.1]), decision(tie), decision(tie, "as_published")
        (1.0, nan, 1.0)
    """
    if p is None:
        return float("nan")
    if way == AS_PUBLISHED:
        return float(int(np.argmax([p[place] for place in _PUBLISHED_ORDER])) < 2)
    most = {place in HIGH for place, value in enumerate(p) if abs(value - max(p)) < 1e-12}
    return float(next(iter(most))) if len(most) == 1 else float("nan")


def _scores(rows: Sequence[Row], subject: str, way: str) -> Iterator[Finding]:
    for template in sorted({row["template"] for row in rows}):
        for trait in TRAITS.values():
            mine = [row for row in rows if row["trait"] == trait and row["template"] == template]
            if not mine:
                continue
            stem = "score" if template == 1 else f"score_in_template_{template}"
            name = f"{stem}.{trait_title(trait)}"
            share = _share([decision(averaged(row, way), way) for row in mine])
            yield Finding.of(
                name, subject, _hundredfold(share), unit="per cent high", conventions=(way, "orders=pair swap")
            )
            if way == CORRECTED and template == 1:
                soft = np.array([_soft(averaged(row, way)) for row in mine])
                mean = replace(one_sample_t(100 * soft), method="mean probability of the high pole, t over items")
                yield Finding.of(
                    f"probability.{trait_title(trait)}",
                    subject,
                    replace(mean, p_value=None),
                    unit="per cent",
                    conventions=(way,),
                )


def _sensitivities(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    if not rows:
        return
    templates = sorted({row["template"] for row in rows})
    by_item: dict[int, dict[int, Row]] = {}
    for row in rows:
        by_item.setdefault(row["item"], {})[row["template"]] = row
    if len(templates) > 1:
        matrix = [
            [decision(averaged(cells[t], CORRECTED)) if t in cells else np.nan for t in templates]
            for cells in by_item.values()
        ]
        for way, counted in ((AS_PUBLISHED, "any"), (CORRECTED, "pairs")):
            found = prompt_sensitivity(matrix, counted=counted)  # type: ignore[arg-type]
            yield Finding.of("sensitivity.prompt", subject, found, unit="share of items", conventions=(way,))
    usual, swapped = ([decision(row.get(f"p.{label}")) for row in rows] for label in ("usual", "swapped"))
    yield Finding.of(
        "sensitivity.order",
        subject,
        order_sensitivity(usual, swapped),
        unit="share of items",
        conventions=(AS_PUBLISHED,),
    )
    again = [averaged(row, CORRECTED, "paraphrase", "paraphrase_swapped") for row in rows]
    if any(one is not None for one in again):
        first = [decision(averaged(row, CORRECTED)) for row in rows]
        found = repeat_sensitivity(first, [decision(one) for one in again])
        found = replace(found, method=found.method.replace("when asked again", "with a paraphrase"))
        yield Finding.of("sensitivity.paraphrase", subject, found, unit="share of items", conventions=(AS_PUBLISHED,))
    statuses = [status for row in rows for status in row.get("told.statuses") or ()]
    for way, strict in ((AS_PUBLISHED, False), (CORRECTED, True)):
        yield Finding.of(
            "refusals", subject, refusal_rate(statuses, strict=strict), unit="share of replies", conventions=(way,)
        )
    known = [row.get("method.usual") for row in rows]
    by_logprobs = proportion(sum(one == "logprobs" for one in known), len(known))
    yield Finding.of("first_tokens", subject, by_logprobs, unit="share of items", conventions=(CORRECTED,))
    flat = [decision(averaged(row, AS_PUBLISHED), AS_PUBLISHED) for row in rows]
    ours = [decision(averaged(row, CORRECTED)) for row in rows]
    both = [(a, b) for a, b in zip(flat, ours, strict=True) if np.isfinite(a) and np.isfinite(b)]
    differ = proportion(sum(a != b for a, b in both), len(both), missing=len(rows) - len(both))
    yield Finding.of("flattening.decisions", subject, differ, unit="share of items", conventions=(CORRECTED,))


def _personas(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    """Score of the trait that a persona asks for, and how far high and low lie apart."""
    for trait in TRAITS.values():
        shares: dict[str, tuple[int, int]] = {}
        for level in ("high", "low"):
            mine = [row for row in rows if row["persona"] == f"{trait} {level}" and row["trait"] == trait]
            if not mine:
                continue
            decided = [decision(averaged(row, CORRECTED)) for row in mine]
            known = [one for one in decided if np.isfinite(one)]
            shares[level] = int(sum(known)), len(known)
            yield Finding.of(
                f"elicited.{trait_title(trait)}.{level}",
                subject,
                _hundredfold(_share(decided)),
                unit="per cent high",
                conventions=(CORRECTED,),
            )
        if len(shares) == 2:
            apart = difference_of_proportions(*shares["high"], *shares["low"])
            yield Finding.of(
                f"steered.{trait_title(trait)}",
                subject,
                _hundredfold(apart),
                unit="percentage points",
                conventions=(CORRECTED,),
            )


def _construction(rows: Sequence[Row], subject: str) -> Iterator[Finding]:
    tried = sum(row.get("tried") or 0 for row in rows)
    if not tried:
        return
    kept = sum(len(row.get("built") or ()) for row in rows)
    yield Finding.of(
        "built.kept", subject, proportion(kept, tried), unit="share of descriptions", conventions=(CORRECTED,)
    )
    for name in rows[0]:
        if name.startswith("rejected."):
            count = sum(row.get(name) or 0 for row in rows)
            yield Finding.of(
                f"built.{name}",
                subject,
                proportion(count, tried),
                unit="share of descriptions",
                conventions=(CORRECTED,),
            )


def built_items(table: pl.DataFrame) -> pl.DataFrame:
    """The items that a construction kept, a row each, in the layout of TRAIT."""
    import polars as pl

    names = ("personality", "source", "situation", "query", "response_high1", "response_high2", "response_low1")
    schema = dict.fromkeys((*names, "response_low2"), pl.String)
    if "built" not in table.columns:
        return pl.DataFrame(schema=schema)
    rows = [orjson.loads(text) for texts in table["built"].drop_nulls().to_list() for text in texts]
    return pl.from_dicts(rows, schema=schema) if rows else pl.DataFrame(schema=schema)


def _share(decisions: Sequence[float]) -> Estimate:
    known = [one for one in decisions if np.isfinite(one)]
    return proportion(int(sum(known)), len(known), missing=len(decisions) - len(known))


def _soft(p: Sequence[float] | None) -> float:
    return float("nan") if p is None else p[HIGH[0]] + p[HIGH[1]]


def _hundredfold(found: Estimate) -> Estimate:
    return replace(found, estimate=100 * found.estimate, low=100 * found.low, high=100 * found.high)
