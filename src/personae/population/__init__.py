"""Populations: people by design now; sampling, weights and coverage build on the same stream of personas."""

from personae.population.factorial import cross_traits

__all__ = ["cross_traits"]
