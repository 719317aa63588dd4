"""The page of the documentation that lists all papers, written from the catalogue."""

from __future__ import annotations

from personae.papers.catalogue import CataloguedPaper, catalogue
from personae.papers.paper import is_runnable

_HEAD = """\
# Papers

personae realises the systems of {total} papers; {running} of them {verb} today. This page is written from the catalogue
by `personae paper list --markdown`; the kinds and tags follow the taxonomies of [7] and [51].

| # | key | paper | kind | runs |
|--:|---|---|---|---|
"""


def write_index() -> str:
    """Write the page as Markdown."""
    papers = catalogue()
    running = sum(is_runnable(paper) for paper in papers)
    head = _HEAD.format(total=len(papers), running=running, verb="runs" if running == 1 else "run")
    return head + "\n".join(_row(paper) for paper in papers) + "\n"


def _row(paper: CataloguedPaper) -> str:
    title = paper.title.replace("|", "\\|")
    linked = f"[{title}]({paper.link})" if paper.link else title
    runs = f"`personae paper run {paper.key}`" if is_runnable(paper) else "not yet"
    return f"| {paper.number} | `{paper.key}` | {linked} ({paper.year}) | {paper.kind} | {runs} |"
