"""What the report of an assessment says: its sections, its methods in words, and what its figures do not show."""

from __future__ import annotations

from personae.instrument.questionnaire import Instrument
from personae.study.report import ReportPlan, Section

_SECTIONS = (
    Section("Scores", ("score",), text="Mean of a scale's items, turned by its key. People are the units."),
    Section(
        "Beside people",
        ("norm",),
        text=(
            "Distance from the mean of a group of people, in their standard deviations. The percentile in the note "
            "supposes that people are distributed normally."
        ),
    ),
    Section("Profiles", ("person",), text="Each person's mean over repeats; intervals are of draws."),
    Section(
        "Whether scores tell what the persona was given",
        ("recovery",),
        text="Correlation over people between the trait that their prompt gives them and their score.",
    ),
    Section(
        "Dose and response",
        ("dose",),
        text="Scores at nine levels of a trait, the others unsaid. Level 0 is the middle.",
        chart="curves",
    ),
    Section(
        "Shape of the response",
        ("dose_rho", "dose_slope", "dose_monotone", "ceiling"),
        text="Rank correlation, slope, how much a curve that only rises explains, and how often the top is reached.",
        has_chart=False,
    ),
    Section(
        "Reliability card",
        ("alpha", "omega", "lambda6", "split_half", "weakest_item", "retest", "noise"),
        kind="validity",
        text=(
            "How well the items of a scale hang together, whether the same person answers alike again, and the noise "
            "of repeats. With one respondent these are over draws from one prompt, and a model that always says the "
            "same has none."
        ),
    ),
    Section(
        "General factor and item response",
        ("omega_h", "omega_t", "irt", "slope", "misfit"),
        kind="validity",
        text=(
            "How much of a score is one general factor (omega_h) and how much any common one (omega_t); reliability of "
            "traits under a graded response model, the weakest item's slope, and people whose answers fit no trait."
        ),
        has_chart=False,
    ),
    Section(
        "How it was answered",
        ("read", "refusals", "contradictions", "acquiescence", "desirability", "extreme"),
        kind="validity",
        text=(
            "Answers that could be read, refusals, contradictions, agreement whatever is said, leaning to what is "
            "thought well of, answers at the ends."
        ),
    ),
    Section(
        "Sensitivity: refusal, prompt and order",
        ("sensitivity",),
        kind="validity",
        text=(
            "Share of decisions (above, at or below the middle) that are missing, or change with the way of asking, "
            "with the order of options, or when nothing changes (repeat). Prompt counts pairs of ways."
        ),
    ),
    Section(
        "Robustness: shift of the score",
        ("shift",),
        kind="validity",
        text="Scores under another way of asking minus the usual ones, over the same people. Nothing should be here.",
        chart="heat",
    ),
    Section(
        "Robustness: answers that change",
        ("changed", "order"),
        kind="validity",
        text="To be read beside the share that changes when the same is asked again (changed.repeats).",
    ),
    Section(
        "The same meaning however it is asked",
        ("bias", "invariance"),
        kind="validity",
        text=(
            "Items that people of one level answer differently under another way of asking, and how much a model of "
            "one factor loses if loadings and intercepts are to be the same."
        ),
        has_chart=False,
    ),
    Section(
        "Controls",
        ("control", "away"),
        kind="control",
        text=(
            "Without a persona and under prompts that describe nobody; and how far people are from the prompt that is "
            "empty. Where that is little, personas did not take."
        ),
        has_chart=False,
    ),
)


def make_plan(instrument: Instrument) -> ReportPlan:
    """Plan the report on one instrument."""
    return ReportPlan(
        title=f"{instrument.title}: who answers what, and whether it may be believed",
        question="What scores do these respondents have, how reliable are they, and what moves them that should not?",
        source=instrument.citation,
        sections=_SECTIONS,
        methods=(
            f"Instrument: {instrument.title}, version {instrument.version}, {len(instrument.items)} items, "
            f"{len(instrument.scales)} scales, answers {instrument.lowest} to {instrument.highest}. "
            f"Terms: {instrument.licence.name}.",
            "Respondents: each persona is the system message; nothing is said where there is none. Every respondent is "
            "asked several times, each time in a chat of its own.",
            "Other ways of asking differ from the usual one in a single choice: options listed downwards, items in "
            "random order, letters as marks, items one by one or all at once, another wording.",
            "An answer that cannot be read is missing and is never replaced. A scale with a missing item has no score.",
        ),
        limits=(
            "That a respondent has the trait: items that a persona's description already answers are read back.",
            "That the instrument measures in a model what it measures in people: its factor structure, its norms and "
            "its keying were found in people.",
            "That people would spread as these do: where personas were placed or drawn, so were their scores.",
        ),
        factors=("condition", "called", "trait", "level", "repeat"),
    )
