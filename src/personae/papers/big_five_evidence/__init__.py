"""[78] LLMs simulate Big Five traits (Sorokovikova et al., 2024): the IPIP-NEO-120 by header, temperature and run."""

from personae.papers.big_five_evidence.paper import PAPER
from personae.papers.big_five_evidence.settings import BigFiveEvidenceSettings
from personae.papers.big_five_evidence.study import BigFiveEvidence

__all__ = ["PAPER", "BigFiveEvidence", "BigFiveEvidenceSettings"]
