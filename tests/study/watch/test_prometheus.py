"""Prometheus: a real scrape while a run goes on, and nothing served before or after."""

from __future__ import annotations

import re
import socket
import urllib.error
import urllib.request

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from personae.errors import InputError
from personae.model import open_model
from personae.study import Cell, CellEnd, Hook, Lab, Observation, RunStart, run_study
from personae.study.watch import PrometheusHook, open_prometheus
from support.chat_server import ChatServer, completion, fail
from support.studies import SmallStudy, WatchedModel, question

CANARY = "sk-canary-0123456789abcdef"


def scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        text: str = page.read().decode()
        return text


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Samples by name and labels."""
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Scraping(Hook):
    """Scrapes when a run has begun, and after each cell."""

    def __init__(self, served: PrometheusHook) -> None:
        self.served = served
        self.seen: list[str] = []

    def run_started(self, run: RunStart) -> None:
        self.seen.append(scrape(self.served.port))

    def cell_finished(self, end: CellEnd) -> None:
        self.seen.append(scrape(self.served.port))


def test_a_run_is_scraped_while_it_goes_on(capfd: pytest.CaptureFixture[str]) -> None:
    served = PrometheusHook(0)
    scraping = Scraping(served)
    usage = {"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}
    plan = [fail(429, "busy", retry_after=0), fail(400, "no")]
    with ChatServer(lambda _: completion("secret reply", usage=usage), plan=plan, delay=0.02) as server:
        name = f"{server.url}#mock"
        run_study(
            SmallStudy(persons=3, questions=1), {"subject": open_model(name)}, workers=1, hooks=[served, scraping]
        )
    first, last = figures(scraping.seen[0]), figures(scraping.seen[-1])
    label = ("model=" + name, "role=subject")
    assert first["personae_cells_planned",] == 3
    assert ("personae_cells_total", "status=ok") not in first
    assert last["personae_cells_total", "status=ok"] == 2
    assert last["personae_cells_total", "status=failed"] == 1
    assert last["personae_calls_total", "model=" + name, "outcome=answered", "role=subject"] == 2
    assert last["personae_calls_total", "model=" + name, "outcome=bad_request", "role=subject"] == 1
    assert last["personae_tokens_total", "kind=input", *label] == 18
    assert last["personae_tokens_total", "kind=cached_input", *label] == 8
    assert last["personae_tokens_total", "kind=output", *label] == 6
    assert last["personae_unpriced_calls_total", *label] == 2  # nobody knows the price of this endpoint
    assert last["personae_retries_total", "model=" + name, "reason=rate_limited"] == 1
    assert last["personae_call_seconds_count", *label] == 2
    assert last["personae_call_seconds_sum", *label] >= 0.04
    assert last["personae_call_seconds_bucket", "le=0.01", *label] == 0
    assert last["personae_calls_in_flight",] == 0
    assert last["personae_cells_in_flight",] == 0
    info = [key for key in last if key[0] == "personae_run_info"]
    assert re.fullmatch(r"fingerprint=[0-9a-f]{64}", info[0][1])
    assert f"http://127.0.0.1:{served.port}/metrics" in capfd.readouterr().err


def test_what_is_in_flight_is_shown() -> None:
    served = PrometheusHook(0)
    seen: list[dict[tuple[str, ...], float]] = []

    async def observe(cell: Cell, lab: Lab) -> Observation:
        await lab.model().generate(question(cell, 0))
        return Observation("ok", {"answers": ["a"]})

    model = WatchedModel(before=lambda _: seen.append(figures(scrape(served.port))))
    run_study(SmallStudy(persons=4, how=observe), {"subject": model}, workers=4, hooks=[served])
    assert seen[0]["personae_calls_in_flight",] == 4
    assert seen[0]["personae_cells_in_flight",] == 4


def test_cached_share_and_cells_of_earlier_starts_are_shown(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    study = SmallStudy(persons=4, questions=1)
    run_study(study, {"subject": WatchedModel()}, folder=folder, limit=3)
    served = PrometheusHook(0)
    scraping = Scraping(served)
    run_study(study, {"subject": WatchedModel()}, folder=folder, hooks=[served, scraping])
    last = figures(scraping.seen[-1])
    assert last["personae_cells_resumed",] == 3
    assert last["personae_cached_share",] == 0.0


def test_nothing_is_served_after_the_run() -> None:
    served = PrometheusHook(0)
    run_study(SmallStudy(), {"subject": WatchedModel()}, hooks=[served])
    with pytest.raises(urllib.error.URLError):
        scrape(served.port)


def test_nothing_is_served_after_a_run_that_failed() -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        raise ValueError("a fault")

    served = PrometheusHook(0)
    with pytest.raises(ValueError, match="a fault"):
        run_study(SmallStudy(how=observe), {"subject": WatchedModel()}, hooks=[served])
    with pytest.raises(urllib.error.URLError):
        scrape(served.port)


def test_a_port_that_is_taken_ends_the_run_before_its_first_call() -> None:
    model = WatchedModel()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(InputError, match="cannot be served on"):
            run_study(SmallStudy(), {"subject": model}, hooks=[PrometheusHook(holder.getsockname()[1])])
    assert model.requests == []


def test_the_variable_asks_for_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_prometheus() is None
    monkeypatch.setenv("PERSONAE_METRICS_PORT", "0")
    hook = open_prometheus()
    assert hook is not None
    assert hook.port == 0
    scraping = Scraping(hook)
    run_study(SmallStudy(), {"subject": WatchedModel()}, hooks=[hook, scraping])  # the one found is left out
    assert len(scraping.seen) == 5


@pytest.mark.parametrize("value", ["x", "-1", "65536", "1.5", "٣"])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PERSONAE_METRICS_PORT", value)
    with pytest.raises(InputError, match="is no port"):
        run_study(SmallStudy(), {"subject": WatchedModel()})


def test_no_global_state_is_touched() -> None:
    before = list(REGISTRY.collect())
    for _ in range(2):  # a second run of the process does not find its names taken
        run_study(SmallStudy(), {"subject": WatchedModel()}, hooks=[PrometheusHook(0)])
    names = {family.name for family in REGISTRY.collect()}
    assert names == {family.name for family in before}
    assert not any(name.startswith("personae") for name in names)


def test_neither_words_nor_keys_are_in_a_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    served = PrometheusHook(0)
    scraping = Scraping(served)

    async def observe(cell: Cell, lab: Lab) -> Observation:
        from personae.model import Request

        reply = await lab.model().generate(Request.of("secret prompt"))
        return Observation("ok", {"answers": [reply.text]})

    with ChatServer("secret reply", plan=[fail(429, f"secret {CANARY}", retry_after=0)]) as server:
        model = open_model(f"{server.url}#mock")
        run_study(SmallStudy(how=observe), {"subject": model}, hooks=[served, scraping], workers=1)
        assert CANARY in str(server.headers)
    assert "personae_calls_total" in scraping.seen[-1]
    assert "secret" not in "".join(scraping.seen)
    assert "canary" not in "".join(scraping.seen)
