"""personae: the workbench for personas in language models.

Import from the rooms: ``personae.persona``, ``personae.model``, ``personae.stats``, ``personae.text``,
``personae.study``, ``personae.instrument``, ``personae.judge``, ``personae.population``,
``personae.respondent``, ``personae.papers``.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
