"""The report page: what it says, what it never says, and that it stands by itself."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import pytest

from personae.study import CORRECTED, Claim
from personae.study.report import Example, ReportPlan, Section, format_interval, format_number, render_report
from support.report_material import PLAN, call, finding, material, status_row


class Outline(HTMLParser):
    """Tags of a page, whether they nest, and the words of its headings."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img"):
            self._open.append(tag)
        if tag in ("h1", "h2"):
            self.headings.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("h1", "h2"):
            self.headings[-1] += data


def test_the_page_has_all_parts_in_order() -> None:
    outline = Outline(render_report(material()))
    assert outline.headings == [
        "A plan",
        "Findings beside published figures",
        "Effects",
        "Reliability",
        "Words",
        "Missing data",
        "Examples of prompts and answers",
        "Methods",
        "What may not be concluded",
        "Provenance",
    ]


def test_the_page_needs_neither_script_nor_network() -> None:
    page = render_report(material())
    outline = Outline(page)
    assert not [tag for tag, _ in outline.tags if tag in ("script", "link", "iframe", "object", "img")]
    for _, attributes in outline.tags:
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "default-src 'none'" in page
    urls = set(re.findall(r"https?://[^\s\"'<>)]+", page)) - {"http://h/v1#m-1"}
    assert all(url.startswith("http://www.w3.org/") for url in urls)  # names of SVG, not places


def test_tables_and_charts_can_be_read_without_seeing_them() -> None:
    outline = Outline(render_report(material()))
    names = [tag for tag, _ in outline.tags]
    assert names.count("table") == names.count("caption") == 5
    assert all("scope" in attributes for tag, attributes in outline.tags if tag == "th")
    figures = [attributes for tag, attributes in outline.tags if tag == "figure"]
    assert figures
    assert all(attributes["aria-label"] for attributes in figures)
    assert ("html", {"lang": "en"}) in outline.tags
    marks = [attributes for _, attributes in outline.tags if "d.e" in (attributes.get("aria-label") or "")]
    assert marks  # every dot says its number


def test_what_comes_from_models_and_people_cannot_become_markup() -> None:
    evil = "</pre><script>alert(1)</script>"
    hostile = material(
        findings=[finding(f"d.{evil}", subject=evil)],
        examples=[Example({"condition": evil}, "ok", [call(evil, evil)])],
        record={**material().record, "parameters": {"prompt": evil}},
        reply_models=[evil],
    )
    page = render_report(hostile)
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") >= 4
    Outline(page)


def models(**identities: str) -> dict[str, object]:
    named = {role: {"name": identity.partition("#")[0], "identity": identity} for role, identity in identities.items()}
    return {"record": {**material().record, "models": named}}


@pytest.mark.parametrize(
    "changes",
    [models(subject="sim"), {"reply_models": ["sim"]}, models(subject="m-1", judge="sim#noise=1")],
    ids=["by name", "by the name in its replies", "as judge"],
)
def test_whatever_a_simulated_respondent_produced_says_so(changes: dict[str, object]) -> None:
    page = render_report(material(**changes))
    assert "(SIMULATED)</title>" in page
    assert "SIMULATED. A simulated respondent" in page
    assert "Nothing about any language model or any person" in page
    assert "SIMULATED" not in render_report(material())


def test_an_unfinished_run_says_how_far_it_is() -> None:
    page = render_report(material(expected_cells=50))
    assert "INCOMPLETE. 30 of 50 cells" in page
    assert "Nothing final: 30 of 50" in page
    assert "INCOMPLETE" not in render_report(material())


def test_scores_without_reliability_are_marked_at_the_top() -> None:
    page = render_report(material(findings=[finding("d.e")]))
    assert page.index("are not known to mean anything") < page.index("<h2>")
    assert "are not known to mean anything" not in render_report(material())


def test_published_figures_of_the_same_model_are_inside_or_outside() -> None:
    page = render_report(material())
    row = page[page.index('<th scope="row">d.e</th>') :]
    row = row[: row.index("</tr>")]
    assert "1.20" in row
    assert "inside" in row
    assert "9.00" in row
    assert row.count("inside") + row.count("outside") == 1  # the other model is a yardstick
    outside = render_report(material(claims=[Claim("d.e", "m-1", 3.0, "Table 2", "verified")]))
    assert ">outside<" in outside


def test_limits_name_what_is_missing_from_memory_and_from_other_models() -> None:
    page = render_report(material())
    assert "2 of 30 observations came without a usable value" in page
    assert "1 of 2 published figures" in page
    assert "m-2" in page[page.index("What may not be concluded") :]
    assert "Nothing of the kind." in page
    clean = render_report(material(statuses=[status_row(ok=30)], claims=[]))
    assert "without a usable value" not in clean
    assert "from memory" not in clean


def test_methods_are_written_from_the_record() -> None:
    page = render_report(material())
    methods = page[page.index("<h2>Methods</h2>") : page.index("What may not be concluded")]
    for words in ("We asked.", "subject: m-1", "seed 0", "30 cells", "30 calls", "1 without a reply", "$0.50"):
        assert words in " ".join(methods.split())
    unpriced = render_report(material(totals={**material().totals, "unpriced": 4.0}))
    assert "unknown for 4 calls" in " ".join(unpriced.split())


def test_findings_of_no_section_are_shown_all_the_same() -> None:
    outline = Outline(render_report(material(findings=[finding("d.e"), finding("odd")])))
    assert "Further findings" in outline.headings


def test_how_a_finding_was_computed_is_said_once_a_section() -> None:
    many = [finding(f"d.{index}") for index in range(30)]
    page = render_report(material(findings=many))
    assert page.count("a: SD; by hand [as_published, ddof=0]") == 1


def test_figures_that_cannot_be_computed_are_dashes_with_a_reason() -> None:
    nan = float("nan")
    broken = finding("alpha.e", nan)
    from dataclasses import replace

    page = render_report(
        material(findings=[replace(broken, low=nan, high=nan, note="all respondents have the same score")])
    )
    assert '<td class="n">–</td><td class="n">–</td>' in page
    assert "– to –" not in page
    assert "all respondents have the same score" in page
    assert ">nan<" not in page.lower()


def test_long_answers_are_cut_and_failed_calls_say_why() -> None:
    page = render_report(
        material(
            examples=[Example({}, "failed", [call(answer="x" * 9000), call(error="timeout: no answer")], left_out=3)]
        )
    )
    assert "5000 further characters are in the ledger" in page
    assert "[no reply] timeout: no answer" in page
    assert "3 further calls of this cell" in page


def test_a_replay_has_neither_calls_nor_examples() -> None:
    page = render_report(
        material(
            record={
                "replay": "personallm",
                "created": "2026",
                "fingerprint": "f",
                "models": {},
                "versions": {},
                "parameters": {},
            },
            examples=[],
            totals={},
            reply_models=[],
            expected_cells=None,
        )
    )
    assert "Examples of prompts" not in page
    assert "calls" not in page[: page.index("<h2>")]


def test_sections_order_findings_by_their_prefixes() -> None:
    plan = ReportPlan("t", "q", "", (Section("Both", ("g", "d"), has_chart=False),))
    page = render_report(
        material(plan=plan, findings=[finding("d.e"), finding("g.e", convention=CORRECTED)], claims=[])
    )
    assert page.index(">g.e<") < page.index(">d.e<")
    assert PLAN.sections[0].holds(finding("d"))
    assert not PLAN.sections[0].holds(finding("delta"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (7.806, "7.81"),
        (-0.04, "-0.040"),
        (1234.0, "1234"),
        (1234.5, "1234.5"),
        (None, "–"),
        (1e-5, "1e-5"),
        (-5e-17, "0.00"),
    ],
)
def test_numbers_have_as_many_digits_as_they_can_bear(value: float | None, text: str) -> None:
    assert format_number(value) == text


def test_an_interval_that_nobody_knows_is_one_dash() -> None:
    assert format_interval(math.nan, None) == "–"
    assert format_interval(0.0, 1.0) == "0.00 to 1.00"
    assert format_interval(0.1, math.inf) == "0.10 to –"
