"""The page of the documentation that lists all papers, written from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from personae.papers.catalogue import CataloguedPaper, catalogue
from personae.papers.paper import is_runnable
from personae.papers.taxonomy import TAXONOMY, Term

_HEAD = """\
# Papers

personae realises the systems of {total} papers; {running} of them {verb} today. This page is written from the catalogue
by `personae paper list --markdown`. `personae paper list --tag TERM` lists the papers under a term of the
[taxonomies](#taxonomies).

| # | key | paper | kind | what its system does | runs |
|--:|---|---|---|---|---|
"""

_TAXONOMIES = """
## Taxonomies

Kinds are ours. Branches, areas, agents and evaluators follow [7] *Two Tales of Persona in LLMs*; persona types,
construction, evaluation, risks and applications follow [51] *From Persona to Personalization*.
"""


def write_index() -> str:
    """Write the page as Markdown."""
    papers = catalogue()
    running = sum(is_runnable(paper) for paper in papers)
    head = _HEAD.format(total=len(papers), running=running, verb="runs" if running == 1 else "run")
    rows = "\n".join(_row(paper) for paper in papers)
    return head + rows + "\n" + _TAXONOMIES + "".join(_vocabulary(field, TAXONOMY[field]) for field in TAXONOMY)


def _row(paper: CataloguedPaper) -> str:
    title = _cell(paper.title)
    linked = f"[{title}]({paper.link})" if paper.link else title
    year = f" ({paper.year})" if paper.year else ""
    runs = f"`personae paper run {paper.key}`" if is_runnable(paper) else "not yet"
    kind = paper.kind.replace("_", " ")
    return f"| {paper.number} | `{paper.key}` | {linked}{year} | {kind} | {_cell(paper.summary)} | {runs} |"


def _vocabulary(field: str, vocabulary: type[Term]) -> str:
    head = f"\n### {field.replace('_', ' ').capitalize()}\n\n| term | means | papers |\n|---|---|---|\n"
    return head + "".join(_term_rows(field, vocabulary))


def _term_rows(field: str, vocabulary: type[Term]) -> Iterator[str]:
    for term in vocabulary:
        numbers = [paper.number for paper in catalogue() if term in paper.terms(field)]
        yield f"| `{term}` | {_cell(term.definition)} | {', '.join(map(str, numbers)) or 'none'} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
