"""Material for reports, made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from personae.model import STATUSES, Reply, Request, Status
from personae.study import AS_PUBLISHED, CORRECTED, Claim, Finding, RecordedCall
from personae.study.report import Example, ReportMaterial, ReportPlan, Section, StatusRow

PLAN = ReportPlan(
    title="A plan",
    question="Is it so?",
    source="Somebody (2024)",
    sections=(
        Section("Effects", ("d",), text="What d is."),
        Section("Reliability", ("alpha",), kind="validity"),
        Section("Words", ("r",), kind="exploratory", has_chart=False),
    ),
    methods=("We asked.",),
    limits=("Nothing of the kind.",),
)


def finding(name: str, estimate: float = 1.0, *, subject: str = "m-1", convention: str = AS_PUBLISHED) -> Finding:
    """A finding of half a unit either way."""
    return Finding(
        name, subject, estimate, estimate - 0.5, estimate + 0.5, 30, 2, "SD", "by hand", (convention, "ddof=0")
    )


def status_row(stage: str = "whole observation", **counts: int) -> StatusRow:
    """A row of statuses; those not named are 0."""
    full: dict[Status, int] = {status: counts.get(status, 0) for status in STATUSES}
    return StatusRow(stage, sum(full.values()), full)


def call(question: str = "How are you?", answer: str = "Well.", *, model: str = "m-1", error: str = "") -> RecordedCall:
    """A recorded call; without an answer if there is an error."""
    reply = None if error else Reply(answer, model=model)
    return RecordedCall("c", "subject", model, Request.of(question, system="You are Ada."), reply, error)


def material(**changes: Any) -> ReportMaterial:
    """Material of a whole, clean run; changes replace fields."""
    base = ReportMaterial(
        plan=PLAN,
        record={
            "fingerprint": "f" * 64,
            "created": "2026-01-01T00:00:00+00:00",
            "seed": 0,
            "models": {"subject": {"name": "m-1", "identity": "http://h/v1#m-1"}},
            "parameters": {"n": 3},
            "versions": {"personae": "0"},
        },
        findings=[finding("d.e"), finding("d.e", convention=CORRECTED), finding("alpha.e", 0.9), finding("r.e.i", 0.2)],
        claims=[Claim("d.e", "m-1", 1.2, "Table 2", "verified"), Claim("d.e", "m-2", 9.0, "Table 2", "memory")],
        statuses=[status_row(ok=28, refused=2)],
        examples=[Example({"condition": "main"}, "ok", [call()])],
        totals={
            "calls": 30.0,
            "failed": 1.0,
            "input_tokens": 1200.0,
            "cached_tokens": 0.0,
            "output_tokens": 300.0,
            "reasoning_tokens": 0.0,
            "cost": 0.5,
            "unpriced": 0.0,
        },
        reply_models=["m-1"],
        cells=30,
        expected_cells=30,
    )
    return replace(base, **changes)
