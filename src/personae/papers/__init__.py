"""The papers: a catalogue of all 119, and one module for each that runs."""

from personae.papers.catalogue import CataloguedPaper, catalogue, coverage_matrix, find_paper, papers_tagged
from personae.papers.conclude import conclude_replay
from personae.papers.index import write_index
from personae.papers.paper import Paper, Replay, is_runnable, load_paper
from personae.papers.settings import FileText, PaperSettings

__all__ = [
    "CataloguedPaper",
    "FileText",
    "Paper",
    "PaperSettings",
    "Replay",
    "catalogue",
    "conclude_replay",
    "coverage_matrix",
    "find_paper",
    "is_runnable",
    "load_paper",
    "papers_tagged",
    "write_index",
]
