"""Parameters of a paper's study."""

from __future__ import annotations

from typing import ClassVar

from personae.study.settings import FileName, FileText, FolderName, KeyOrFile, KeysOrFiles, StudySettings

__all__ = ["FileName", "FileText", "FolderName", "KeyOrFile", "KeysOrFiles", "PaperSettings"]


class PaperSettings(StudySettings):
    """What can be varied about a paper's study; ``-P name=value`` on the command line.

    A subclass names its paper and lists fields with a ``description``. The defaults are a size that the simulated
    respondent runs in seconds; the published size is in :attr:`personae.papers.Paper.full`.

    Example:
        >>> from pydantic import Field
        >>> class Settings(PaperSettings):
        ...     paper = "example"
        ...     people: int = Field(default=10, ge=1, description="respondents of each type")
        >>> Settings.read({"people": "3"}).people
        3
    """

    paper: ClassVar[str]
    """Key of the paper, for messages."""

    @classmethod
    def whose(cls) -> str:
        """Of what study these are, for messages."""
        return cls.paper
