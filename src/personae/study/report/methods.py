"""The methods section and the limits, written from the record of the run: what was done, and what it does not show."""

from __future__ import annotations

from collections.abc import Iterator

from personae.study.progress import short_number
from personae.study.report.material import ReportMaterial


def write_methods(material: ReportMaterial) -> list[str]:
    """Say what was done, in paragraphs."""
    record = material.record
    models = "; ".join(f"{role}: {model['name']}" for role, model in record.get("models", {}).items())
    lines = list(material.plan.methods)
    if models:
        lines.append(f"Models by role: {models}.")
    if "seed" in record:
        lines.append(
            f"All draws derive from the seed {record['seed']}: the design, and a seed of its own for every call, sent "
            "to the endpoint where it takes one."
        )
    if material.totals:
        totals = material.totals
        lines.append(
            f"{material.cells} cells were observed by {totals['calls']:.0f} calls ({totals['failed']:.0f} without a "
            f"reply), {short_number(totals['input_tokens'])} input tokens of which "
            f"{short_number(totals['cached_tokens'])} were cached by the provider, and "
            f"{short_number(totals['output_tokens'])} output tokens; cost {_cost(material)}."
        )
    families = sorted({finding.family for finding in material.findings if finding.family})
    if families:
        lines.append(
            f"p values were corrected within each family of tests ({', '.join(families)}) and for the number of "
            "families, so that the whole report makes a false claim with at most 5 % probability if nothing is true."
        )
    lines.append(
        "Every interval covers 95 %. n is the number of units an estimate rests on, missing the number set aside; the "
        "method names what a unit is."
    )
    return lines


def write_limits(material: ReportMaterial) -> list[str]:
    """Say what may not be concluded."""
    return [*_limits_of_run(material), *material.plan.limits]


def _limits_of_run(material: ReportMaterial) -> Iterator[str]:
    if material.is_simulated:
        yield (
            "Nothing about any language model or any person: the answers come from a simulated respondent whose "
            "traits and biases were planted. They show that the procedure works, or where it would fail."
        )
    else:
        yield (
            "Nothing about people: answers of a language model to a questionnaire are output under a prompt, and a "
            "score on a human instrument does not make them a human trait."
        )
    if material.is_incomplete:
        yield f"Nothing final: {material.cells} of {material.expected_cells} cells have been observed."
    missing = next((row.missing for row in material.statuses if row.stage == "whole observation"), 0)
    if missing:
        yield (
            f"{missing} of {material.cells} observations came without a usable value. If they are missing for a "
            "reason that has to do with the persona, the figures are biased in a direction that they cannot show."
        )
    if not material.has_validity:
        yield "That the scores are reliable: reliability and robustness were not measured."
    memory = [claim for claim in material.claims if claim.confidence == "memory"]
    if memory:
        yield (
            f"That {len(memory)} of {len(material.claims)} published figures are quoted rightly: they are marked as "
            "from memory and were not checked against the paper's text."
        )
    others = {comparison.claim.subject for comparison in material.comparisons if not comparison.is_same_subject}
    if others:
        yield (
            "That a paper was or was not replicated on its own model: figures published for "
            f"{', '.join(sorted(others))} stand beside another model's as a yardstick."
        )


def _cost(material: ReportMaterial) -> str:
    totals = material.totals
    if totals["unpriced"]:
        return f"unknown for {totals['unpriced']:.0f} calls, ${totals['cost']:.2f} for the others"
    return f"${totals['cost']:.2f}"
