"""[74] TRAIT (Lee et al., 2025): personality from situations, with probabilities over both orders of options."""

from personae.papers.trait.paper import PAPER
from personae.papers.trait.settings import TraitSettings
from personae.papers.trait.study import Trait

__all__ = ["PAPER", "Trait", "TraitSettings"]
