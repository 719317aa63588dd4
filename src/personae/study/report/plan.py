"""What a report shall say: the question, the sections, and what the study knows that its figures do not prove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from personae.study.finding import Finding

SectionKind = Literal["result", "validity", "control", "exploratory"]


@dataclass(frozen=True, slots=True)
class Section:
    """A group of findings under a heading."""

    title: str
    prefixes: tuple[str, ...]
    """Findings belong here whose name is one of these, or begins with one of these and a dot."""
    kind: SectionKind = "result"
    text: str = ""
    """What a reader needs to know to read the table."""
    has_chart: bool = True
    chart: Literal["intervals", "heat", "curves"] = "intervals"
    """Dots with intervals; a map whose rows and columns are the last two words of the findings' names; or a curve for
    each last word but one, over the numbers that the last words (``at_-4``) end with."""

    def holds(self, finding: Finding) -> bool:
        """Whether a finding belongs to this section."""
        return self.place(finding) < len(self.prefixes)

    def place(self, finding: Finding) -> int:
        """Which prefix a finding belongs to, for order; the number of prefixes if it belongs to none."""
        for place, prefix in enumerate(self.prefixes):
            if finding.name == prefix or finding.name.startswith(f"{prefix}."):
                return place
        return len(self.prefixes)


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """The parts of a report that come from the study, not from the run."""

    title: str
    question: str
    source: str
    """Citation of the paper that the study reproduces, or of nothing if it is new."""
    sections: tuple[Section, ...]
    methods: tuple[str, ...] = ()
    """What was done, in sentences that the record of the run cannot write."""
    limits: tuple[str, ...] = ()
    """What may not be concluded, beside what follows from the run itself."""
    factors: tuple[str, ...] = ("condition", "type", "shown", "replicate", "temperature")
    """Factors of a cell that its example names, where the study has them."""
