"""The catalogue: complete, true to the papers' own titles, and filed under known terms only."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from personae.errors import InputError
from personae.papers import (
    CataloguedPaper,
    catalogue,
    coverage_matrix,
    find_paper,
    is_runnable,
    load_paper,
    papers_tagged,
    write_index,
)
from personae.papers.taxonomy import TAXONOMY

DOCS = Path(__file__).parents[2] / "docs"

ENTRY = {
    "number": 1,
    "key": "a_paper",
    "title": "A Paper",
    "kinds": ["survey"],
    "summary": "Says what others said about personas.",
    "tags": {"branches": ["role_playing"], "risks": ["bias"]},
}


def test_papers_are_numbered_from_1_to_119_without_a_gap() -> None:
    assert [paper.number for paper in catalogue()] == list(range(1, 120))


def test_keys_are_unique_identifiers_that_no_module_of_the_room_has_taken() -> None:
    keys = [paper.key for paper in catalogue()]
    assert len(set(keys)) == len(keys)
    assert all(key.isidentifier() for key in keys)
    assert not {"catalogue", "conclude", "index", "paper", "taxonomy"} & set(keys)


def test_titles_are_those_of_the_papers() -> None:
    folder = os.environ.get("PERSONAE_PAPERS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("PERSONAE_PAPERS names no folder of the papers' descriptions")
    for paper in catalogue():
        heading = (Path(folder) / f"{paper.number:03d}.md").read_text("utf-8").splitlines()[0]
        assert heading == f"# [{paper.number}] {paper.title}"


def test_every_paper_has_a_kind_a_branch_and_a_risk() -> None:
    for paper in catalogue():
        assert paper.kind == paper.kinds[0]
        assert paper.tags.branches, paper.key
        assert paper.tags.risks, paper.key


def test_no_paper_is_filed_twice_under_the_same_term() -> None:
    for paper in catalogue():
        for field in TAXONOMY:
            terms = paper.terms(field)
            assert len(set(terms)) == len(terms), (paper.key, field)


def test_every_term_has_a_paper_and_every_paper_is_in_the_matrix() -> None:
    matrix = coverage_matrix()
    assert [term for term, keys in matrix.items() if not keys] == []
    assert {key for keys in matrix.values() for key in keys} == {paper.key for paper in catalogue()}


def test_links_are_those_of_the_preprint_server_and_no_two_papers_share_one() -> None:
    links = [paper.link for paper in catalogue() if paper.link]
    assert len(set(links)) == len(links)
    assert all(re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{5}", link) for link in links)


def test_no_paper_was_published_before_its_preprint() -> None:
    for paper in catalogue():
        if paper.link and paper.year:
            assert paper.year >= 2000 + int(paper.link.removeprefix("https://arxiv.org/abs/")[:2]), paper.key


def test_summaries_are_single_sentences_of_their_own() -> None:
    for paper in catalogue():
        assert paper.summary[0].isupper()
        assert paper.summary[-1] in ".?"
        assert paper.summary.split(":")[0].lower() not in paper.title.lower()


@pytest.mark.parametrize("name", ["personallm", "PersonaLLM", "1", "001", "[1]", " personallm "])
def test_a_paper_is_found_by_key_or_number(name: str) -> None:
    assert find_paper(name).number == 1


@pytest.mark.parametrize("name", ["0", "120", "", "[]", "persona llm", "²"])
def test_an_unknown_paper_says_how_to_list_them(name: str) -> None:
    with pytest.raises(InputError, match="personae paper list"):
        find_paper(name)


def test_an_almost_right_key_names_the_closest_ones() -> None:
    with pytest.raises(InputError, match="the closest are personallm"):
        find_paper("personalm")


def test_papers_are_found_by_term() -> None:
    assert [paper.number for paper in papers_tagged("survey")] == [7, 51, 113]
    both = {paper.key for paper in papers_tagged("recommendation")}
    matrix = coverage_matrix()
    assert both == {*matrix["areas", "recommendation"], *matrix["evaluation", "recommendation"]}


def test_an_unknown_term_names_the_closest_ones() -> None:
    with pytest.raises(InputError, match="the closest are psychometrics"):
        papers_tagged("psychometric")


def test_a_paper_runs_if_it_has_a_package_and_is_then_loadable() -> None:
    running = [paper for paper in catalogue() if is_runnable(paper)]
    assert "personallm" in {paper.key for paper in running}
    for paper in running:
        assert load_paper(paper.key).entry == paper


def test_a_paper_that_does_not_run_says_so() -> None:
    resting = next(paper for paper in catalogue() if not is_runnable(paper))
    with pytest.raises(InputError, match="does not run yet"):
        load_paper(resting.key)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 0},
        {"key": "A Paper"},
        {"kinds": []},
        {"kinds": ["magic"]},
        {"link": "http://arxiv.org/abs/1"},
        {"summary": "short"},
        {"summary": "x" * 161},
        {"tags": {"branches": ["role_playing"]}},
        {"tags": {"branches": ["nowhere"], "risks": ["bias"]}},
        {"colour": "red"},
    ],
)
def test_an_entry_that_breaks_the_scheme_is_refused(change: dict[str, object]) -> None:
    CataloguedPaper.model_validate(ENTRY)
    with pytest.raises(ValidationError):
        CataloguedPaper.model_validate({**ENTRY, **change})


def test_the_page_of_the_documentation_is_the_one_written_from_the_catalogue() -> None:
    written = (DOCS / "papers.md").read_text("utf-8")
    assert written == write_index(), "run: personae paper list --markdown > docs/papers.md"


def test_the_page_has_a_row_for_every_paper_and_every_term() -> None:
    page = write_index()
    for paper in catalogue():
        assert f"| {paper.number} | `{paper.key}` |" in page
    for field, term in coverage_matrix():
        assert f"| `{term}` | " in page, field
