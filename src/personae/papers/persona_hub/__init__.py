"""[23] Persona Hub (Ge et al., 2024): people from texts, relatives of people, and data that is written for each."""

from personae.papers.persona_hub.paper import PAPER
from personae.papers.persona_hub.replay import read_replay
from personae.papers.persona_hub.settings import HubSettings
from personae.papers.persona_hub.study import PersonaHub
from personae.papers.persona_hub.twins import find_twins

__all__ = ["PAPER", "HubSettings", "PersonaHub", "find_twins", "read_replay"]
