"""[10] Persona effects (Luz de Araujo & Roth, 2024): 162 personas against 30 paraphrases of a helpful assistant."""

from personae.papers.persona_effects.paper import PAPER
from personae.papers.persona_effects.replay import read_replay
from personae.papers.persona_effects.settings import EffectSettings
from personae.papers.persona_effects.study import PersonaEffects

__all__ = ["PAPER", "EffectSettings", "PersonaEffects", "read_replay"]
