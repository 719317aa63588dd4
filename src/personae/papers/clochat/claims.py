"""Figures of Ha et al. (2024).

Their means and test statistics are not at hand. That participants were more satisfied and engaged, felt closer to the
partner they had designed, and that talks were more varied, is said in words, and is no figure.
"""

from __future__ import annotations

from personae.study import Claim

CLAIMS = (Claim("participants", "people, before GPT-4", 30.0, where="design of the study", confidence="memory"),)
"""The only published figure that is known."""
