"""The catalogue: what each of the papers is, whether or not it runs yet."""

from __future__ import annotations

import difflib
import functools
import tomllib
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, computed_field

from personae.errors import InputError
from personae.papers.taxonomy import TAXONOMY, Kind, Tags


class CataloguedPaper(BaseModel):
    """A paper as the catalogue knows it.

    ``kinds`` is what the paper is, the leading kind first; ``summary`` is one sentence on what its system does.
    ``year`` is that of the publication, or of the preprint where no other is known; ``year`` and ``link`` are absent
    where they were not established.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Annotated[int, Field(ge=1)]
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Annotated[str, Field(min_length=1)]
    year: Annotated[int | None, Field(ge=2015, le=2035)] = None
    link: Annotated[str, Field(pattern=r"^(https://[^\s]+)?$")] = ""
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    summary: Annotated[str, Field(min_length=20, max_length=160)]
    tags: Tags

    @computed_field  # type: ignore[prop-decorator]
    @property
    def kind(self) -> Kind:
        """The leading kind."""
        return self.kinds[0]

    def terms(self, field: str) -> tuple[str, ...]:
        """The terms of one vocabulary (a key of `TAXONOMY`) that the paper is filed under."""
        return tuple(self.kinds if field == "kinds" else getattr(self.tags, field))


@functools.cache
def catalogue() -> tuple[CataloguedPaper, ...]:
    """All papers, by number.

    Example:
        >>> len(catalogue()), catalogue()[0].key
        (119, 'personallm')
    """
    text = (resources.files("personae.papers") / "catalogue.toml").read_text("utf-8")
    return tuple(CataloguedPaper.model_validate(entry) for entry in tomllib.loads(text)["papers"])


def find_paper(name: str) -> CataloguedPaper:
    """Find a paper by its key (``personallm``) or its number (``1``, ``001``, ``[1]``).

    Raises:
        InputError: If no paper has that key or number; it names the closest keys.

    Example:
        >>> find_paper("[30]").key
        'clochat'
    """
    wanted = name.strip().strip("[]").lower().replace("-", "_")
    for paper in catalogue():
        if wanted == paper.key or (wanted.isascii() and wanted.isdigit() and int(wanted) == paper.number):
            return paper
    close = difflib.get_close_matches(wanted, [paper.key for paper in catalogue()], n=3)
    raise InputError(
        f"no paper is called {name!r}" + (f"; the closest are {', '.join(close)}" if close else ""),
        where="paper",
        remedy="personae paper list shows all of them",
    )


def papers_tagged(term: str) -> tuple[CataloguedPaper, ...]:
    """The papers filed under a term of any vocabulary, by number.

    Raises:
        InputError: If no vocabulary has the term; it names the closest ones.

    Example:
        >>> [paper.key for paper in papers_tagged("survey")]
        ['two_tales', 'persona_survey', 'education_survey']
    """
    known = sorted({term for _, term in coverage_matrix()})
    if term not in known:
        close = difflib.get_close_matches(term, known, n=3)
        raise InputError(
            f"no vocabulary has the term {term!r}" + (f"; the closest are {', '.join(close)}" if close else ""),
            where="tag",
            remedy=f"choose one of {', '.join(known)}",
        )
    return tuple(paper for paper in catalogue() if any(term in paper.terms(field) for field in TAXONOMY))


def coverage_matrix() -> dict[tuple[str, str], list[str]]:
    """Keys of the papers under each term of each vocabulary; terms without a paper have an empty list.

    Example:
        >>> coverage_matrix()["kinds", "interface"]
        ['persona_l', 'clochat', 'exploratory_interface']
    """
    matrix: dict[tuple[str, str], list[str]] = {
        (field, term.value): [] for field, vocabulary in TAXONOMY.items() for term in vocabulary
    }
    for paper in catalogue():
        for field in TAXONOMY:
            for term in paper.terms(field):
                matrix[field, term].append(paper.key)
    return matrix
