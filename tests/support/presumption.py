"""Small studies of presumed cultural identity, and words of every facet for scripted replies."""

from __future__ import annotations

from collections.abc import Mapping

from personae.model import Model, Request
from personae.papers.presumed_cultural_identity import PresumedIdentity, PresumptionSettings
from personae.papers.presumed_cultural_identity.material import askers_of
from personae.respondent import SimulatedRespondent
from personae.study import Finding, run_study

SMALL = {"cultures": "4", "names_per_culture": "4", "per_facet": "1", "channels": "false", "invented": "2"}
CONCEPTS = {
    "chinese": "mapo tofu baijiu qipao qingming tomb sweeping",
    "mexican": "pozole mezcal huipil guelaguetza ofrenda",
    "russian": "pelmeni mors sarafan maslenitsa banya",
    "spanish": "gazpacho cava mantilla san fermín castells",
}
"""Words of every facet, so that a scripted reply need not read the question."""


def run(given: Mapping[str, str], subject: Model, judge: Model | None = None) -> list[Finding]:
    study = PresumedIdentity(PresumptionSettings.read({**SMALL, **given}))
    models = {"subject": subject, "judge": judge or SimulatedRespondent()}
    return study.measure(run_study(study, {role: models[role] for role in study.roles}).table)


def asked_by(request: Request, *names: str) -> bool:
    return any(name in message.content for message in request.messages for name in names)


def names_in(culture: str) -> list[str]:
    settings = PresumptionSettings.read(SMALL)
    return [one.name for one in askers_of(settings) if one.cultures == (culture,)]
