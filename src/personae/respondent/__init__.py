"""``sim``, the embedded simulated respondent: a model with known traits behind the same protocol as any other."""

from personae.respondent.reading import impression, read_persona, read_traits
from personae.respondent.server import SimServer, serve_forever
from personae.respondent.settings import SimSettings
from personae.respondent.sim import SimulatedRespondent, open_sim
from personae.respondent.training import simulated_texts

__all__ = [
    "SimServer",
    "SimSettings",
    "SimulatedRespondent",
    "impression",
    "open_sim",
    "read_persona",
    "read_traits",
    "serve_forever",
    "simulated_texts",
]
