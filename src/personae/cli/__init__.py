"""The command line: ``personae NOUN VERB``; every command has ``--json`` and a documented exit code."""

from personae.cli.app import main

__all__ = ["main"]
