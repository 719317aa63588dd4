"""[50] Presumed cultural identity (Pawar et al., 2025): what a name that the user says does to suggestions."""

from personae.papers.presumed_cultural_identity.paper import PAPER
from personae.papers.presumed_cultural_identity.replay import read_replay
from personae.papers.presumed_cultural_identity.settings import PresumptionSettings
from personae.papers.presumed_cultural_identity.study import PresumedIdentity

__all__ = ["PAPER", "PresumedIdentity", "PresumptionSettings", "read_replay"]
