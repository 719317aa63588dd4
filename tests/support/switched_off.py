"""One run of PersonaLLM in which the persona does nothing; importable by the processes of a pool."""

from __future__ import annotations

from personae.papers.personallm import PersonaLLM, PersonaLLMSettings
from personae.respondent import SimSettings, SimulatedRespondent
from personae.study import run_study


def count_significant(seed: int) -> tuple[int, int]:
    """Number of findings tested, and of those significant after correction."""
    study = PersonaLLM(PersonaLLMSettings(personas_per_type=2, judged_per_type=1, raters=3))
    model = SimulatedRespondent(SimSettings.read({"persona_effect": "0", "seed": str(seed)}))
    table = run_study(study, dict.fromkeys(study.roles, model), seed=seed).table
    tested = [each for each in study.measure(table) if each.p_adjusted is not None]
    return len(tested), sum(each.is_significant() for each in tested)
