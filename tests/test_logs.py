"""The log: lines that programs and people can read, no secret in any of them, and never in the way of a run."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.logs import Log, current_log, known_secrets, note, open_log, read_style
from personae.model import ProviderError, Retrying, RetryPolicy, open_model
from personae.study import Budget, Cell, Lab, Observation, run_study
from support.chat_server import ChatServer, fail
from support.studies import SmallStudy, WatchedModel, question

CANARY = "sk-canary-0123456789abcdef"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_event_is_one_json_object_a_line(tmp_path: Path) -> None:
    log = Log("off", secrets={})
    log.keep(tmp_path / "run.log")
    log.note("info", "run started", study="small", models={"subject": {"name": "sim"}}, cells=None)
    log.close()
    (line,) = lines_of(tmp_path / "run.log")
    assert list(line)[:3] == ["time", "level", "event"]
    assert line["time"].endswith("Z")
    assert (line["level"], line["event"], line["study"], line["cells"]) == ("info", "run started", "small", None)
    assert line["models"] == {"subject": {"name": "sim"}}


def test_time_level_and_event_are_not_those_of_a_field(tmp_path: Path) -> None:
    log = Log("off", secrets={})
    log.keep(tmp_path / "run.log")
    log.note("info", "event", time=3, number=1)
    log.close()
    (line,) = lines_of(tmp_path / "run.log")
    assert line["time"] != 3
    assert (line["level"], line["event"], line["number"]) == ("info", "event", 1)


def test_any_value_can_be_written(tmp_path: Path) -> None:
    log = Log("off", secrets={})
    log.keep(tmp_path / "run.log")
    log.note("info", "event", seed=2**200, half="\udc80 ä", path=Path("a"), none=None, numbers={1: float("nan")})
    log.close()
    (line,) = lines_of(tmp_path / "run.log")
    assert (line["seed"], line["half"], line["path"]) == (str(2**200), "? ä", "a")
    assert line["numbers"] == {"1": None}


def test_lines_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    for number in range(2):
        log = Log("off", secrets={})
        log.keep(tmp_path / "run.log")
        log.note("info", "event", number=number)
        log.close()
    assert [line["number"] for line in lines_of(tmp_path / "run.log")] == [0, 1]


def test_a_log_that_is_told_nothing_leaves_no_file(tmp_path: Path) -> None:
    log = Log("off", secrets={})
    log.keep(tmp_path / "run.log")
    log.note("debug", "too small to matter")
    log.close()
    assert not (tmp_path / "run.log").exists()


def test_people_read_text_and_programs_json_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    Log("text", "info", secrets={}).note("warning", "call failed", kind="timeout")
    text = capsys.readouterr()
    assert text.out == ""
    assert "warning" in text.err
    assert "call failed" in text.err
    assert "kind=timeout" in text.err
    assert "\x1b" not in text.err
    Log("json", "info", secrets={}).note("warning", "call failed", kind="timeout")
    read = capsys.readouterr()
    assert read.out == ""
    assert json.loads(read.err)["kind"] == "timeout"
    Log("off", "debug", secrets={}).note("error", "call failed")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("level", "written"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_standard_error_shows_a_level_and_above(level: Any, written: int, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log("text", level, secrets={})
    for each in ("debug", "info", "warning", "error"):
        log.note(each, "event")
    assert len(capsys.readouterr().err.splitlines()) == written


def test_the_settings_choose_style_and_level(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_style() == ("text", "warning")
    monkeypatch.setenv("PERSONAE_LOG", "JSON")
    monkeypatch.setenv("PERSONAE_LOG_LEVEL", "debug")
    assert read_style() == ("json", "debug")


@pytest.mark.parametrize(("variable", "value"), [("PERSONAE_LOG", "xml"), ("PERSONAE_LOG_LEVEL", "loud")])
def test_a_setting_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=f"{variable}: '{value}' is not known"):
        run_study(SmallStudy(), {"subject": WatchedModel()})


def test_of_a_group_a_line_is_written_every_five_seconds(tmp_path: Path) -> None:
    now = 0.0
    log = Log("off", secrets={}, clock=lambda: now)
    log.keep(tmp_path / "run.log")
    for _ in range(100):
        log.note("info", "call repeated", group="a", model="a")
        now += 0.1
    log.note("info", "call repeated", group="b", model="b")
    log.note("info", "another event", group="a")
    log.close()
    lines = lines_of(tmp_path / "run.log")
    repeated = [line for line in lines if line["event"] == "call repeated"]
    assert sum(line.get("times", 1) for line in repeated if line["model"] == "a") == 100
    assert len([line for line in repeated if line["model"] == "a"]) in (3, 4)
    assert [line.get("times", 1) for line in repeated if line["model"] == "b"] == [1]
    assert lines[-1]["event"] in ("another event", "call repeated")


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=60), st.integers(0, 3))
def test_every_event_of_a_group_is_counted_once(groups: list[str], pace: int) -> None:
    now = 0.0
    written: list[tuple[str, Mapping[str, Any]]] = []
    heard: list[str] = []
    log = Log("off", secrets={}, clock=lambda: now)
    log.listeners.append(lambda level, event, fields: heard.append(fields["kind"]))
    log._sinks["here"] = (0, lambda level, event, fields: written.append((event, fields)))
    for group in groups:
        log.note("info", "event", group=group, kind=group)
        now += pace
    log.close()
    assert heard == groups
    for kind in set(groups):
        assert sum(fields.get("times", 1) for _, fields in written if fields["kind"] == kind) == groups.count(kind)


def test_listeners_hear_every_event(tmp_path: Path) -> None:
    heard: list[tuple[str, str, Mapping[str, Any]]] = []
    log = Log("off", secrets={})
    log.listeners.append(lambda *event: heard.append(event))
    for _ in range(3):
        log.note("debug", "event", group="a", number=1)
    assert heard == [("debug", "event", {"number": 1})] * 3


def test_nothing_is_open_until_it_is_opened(tmp_path: Path) -> None:
    note("error", "nobody hears this")
    assert current_log() is None
    with open_log() as log:
        assert current_log() is log
    assert current_log() is None


async def test_tasks_share_the_log_they_were_made_under(tmp_path: Path) -> None:
    async def tell(number: int) -> None:
        note("info", "event", number=number)

    with open_log() as log:
        log.keep(tmp_path / "run.log")
        await asyncio.gather(*(tell(number) for number in range(5)))
    assert sorted(line["number"] for line in lines_of(tmp_path / "run.log")) == [0, 1, 2, 3, 4]


def test_lines_of_several_threads_do_not_mix(tmp_path: Path) -> None:
    log = Log("off", secrets={})
    log.keep(tmp_path / "run.log")

    def tell() -> None:
        for _ in range(100):
            log.note("info", "event", text="x" * 500)

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert [len(line["text"]) for line in lines_of(tmp_path / "run.log")] == [500] * 400


def test_a_file_that_cannot_be_written_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log("text", secrets={})
    log.keep(tmp_path / "nowhere" / "run.log")
    log.note("info", "run started")
    log.note("info", "run complete")
    log.close()
    assert capsys.readouterr().err.count("log switched off") == 1


def test_a_full_disk_does_not_end_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log("text", secrets={})
    log.keep(Path("/dev/full"))
    log.note("info", "run started")
    log.close()
    assert "log switched off" in capsys.readouterr().err


def test_values_of_key_variables_are_masked_however_deep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("HF_TOKEN", "hf_canary_42")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20canary-bearer,x-team=mail")
    monkeypatch.setenv("PATH_OF_NOTHING", "not a secret")
    log = Log("off")
    masked = log.mask({"a": [f"key {CANARY}!", {CANARY: ("hf_canary_42", 3, None, True)}], "b": "Bearer canary-bearer"})
    assert masked == {
        "a": ["key [OPENAI_API_KEY]!", {"[OPENAI_API_KEY]": ["[HF_TOKEN]", 3, None, True]}],
        "b": "[OTEL_EXPORTER_OTLP_HEADERS]",
    }
    assert log.mask("not a secret, nor mail") == "not a secret, nor mail"


def test_keys_of_the_file_of_settings_are_masked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"GROQ_API_KEY={CANARY}\n")
    assert known_secrets()[CANARY] == "GROQ_API_KEY"


def test_the_longer_of_two_keys_is_masked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_API_KEY", "canary-00")
    monkeypatch.setenv("B_API_KEY", "canary-00-longer")
    assert Log("off").mask("canary-00-longer canary-00") == "[B_API_KEY] [A_API_KEY]"


def test_user_and_password_in_a_url_are_left_out() -> None:
    assert Log("off", secrets={}).mask("http://ada:secret@host:8000/v1 failed") == "http://host:8000/v1 failed"
    assert Log("off", secrets={}).mask("mail ada@host.org") == "mail ada@host.org"


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_secret_is_left_in_any_text(before: str, after: str) -> None:
    log = Log("off", secrets={CANARY: "KEY"})
    assert CANARY not in str(log.mask({before + CANARY: [before + CANARY + after]}))


async def test_a_repeated_call_is_told_of(tmp_path: Path) -> None:
    def fail_twice(_: object) -> None:
        if len(inner.requests) < 3:
            raise ProviderError("rate_limited", "what the server said", model="watched", status=429, request_id="r1")

    async def no_sleep(_: float) -> None:
        return None

    inner = WatchedModel(before=fail_twice)
    heard: list[tuple[str, str, Mapping[str, Any]]] = []
    with open_log() as log:
        log.listeners.append(lambda *event: heard.append(event))
        await Retrying(inner, RetryPolicy(), sleep=no_sleep).generate(question(Cell({"person": 0}), 0))
    assert [(level, event) for level, event, _ in heard] == [("info", "call repeated")] * 2
    assert [fields["attempt"] for *_, fields in heard] == [1, 2]
    assert (
        heard[0][2].items() >= {"model": "watched", "kind": "rate_limited", "status": 429, "request_id": "r1"}.items()
    )
    assert "what the server said" not in str(heard)


def test_the_log_of_a_run_tells_what_it_was_and_how_it_ended(tmp_path: Path) -> None:
    study = SmallStudy(persons=3)
    run_study(study, {"subject": WatchedModel()}, folder=tmp_path, limit=2, workers=5)
    run_study(study, {"subject": WatchedModel()}, folder=tmp_path)
    first, second, third, fourth = lines_of(tmp_path / "run.log")
    assert first.items() >= {"event": "run started", "study": "small", "seed": 0, "workers": 5, "limit": 2}.items()
    assert first["models"] == {"subject": {"name": "watched", "identity": "watched"}}
    assert first["versions"]["personae"]
    assert len(first["fingerprint"]) == 64
    assert second.items() >= {"event": "run incomplete", "cells": 2, "calls": 4, "statuses": {"ok": 2}}.items()
    assert third["fingerprint"] == first["fingerprint"]
    assert fourth.items() >= {"event": "run complete", "cells": 1, "cells_from_before": 2, "output_tokens": 10}.items()


def test_a_run_that_its_budget_ends_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_study(SmallStudy(), {"subject": WatchedModel()}, folder=tmp_path, budget=Budget(tokens=40), workers=1)
    last = lines_of(tmp_path / "run.log")[-1]
    assert (last["level"], last["event"]) == ("info", "run stopped")
    assert "of 40 tokens" in last["reason"]


def test_an_error_is_told_by_its_kind_alone(tmp_path: Path) -> None:
    async def observe(cell: Cell, lab: Lab) -> Observation:
        raise ValueError("could not read: private words")

    with pytest.raises(ValueError, match="private"):
        run_study(SmallStudy(how=observe), {"subject": WatchedModel()}, folder=tmp_path)
    last = lines_of(tmp_path / "run.log")[-1]
    assert last.items() >= {"event": "run failed", "error": "ValueError"}.items()
    assert "private words" not in (tmp_path / "run.log").read_text()


def test_a_failure_that_ends_the_run_is_told_once_to_people(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The caller has the error; standard error need not say it a second time."""
    with ChatServer(fail(401, "no such key")) as server, pytest.raises(ProviderError):
        run_study(SmallStudy(), {"subject": open_model(f"{server.url}#m")}, folder=tmp_path)
    assert capfd.readouterr().err == ""
    events = [line["event"] for line in lines_of(tmp_path / "run.log")]
    assert events[0] == "run started"
    assert events[1] == "call failed"
    assert "run failed" in events


def test_a_run_folder_can_be_replayed_with_its_log_in_it(tmp_path: Path) -> None:
    study = SmallStudy(persons=2)
    first = run_study(study, {"subject": WatchedModel()}, folder=tmp_path / "run")
    assert (tmp_path / "run" / "run.log").exists()
    again = run_study(study, {"subject": open_model(f"replay/{tmp_path / 'run'}")})
    assert again.table["answers"].to_list() == first.table["answers"].to_list()


def test_a_run_that_never_began_leaves_no_log(tmp_path: Path) -> None:
    with pytest.raises(ProviderError):
        run_study(SmallStudy(), {"subject": open_model("http://127.0.0.1:9/v1#m")}, folder=tmp_path)
    assert not (tmp_path / "run.log").exists()


def test_neither_words_nor_keys_are_in_the_log_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The server is busy first, and quotes prompt and key in what it says; one cell fails for good."""
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("PERSONAE_LOG_LEVEL", "debug")
    plan = [
        fail(429, f"busy with 'secret prompt' of {CANARY}", retry_after=0),
        fail(400, f"cannot answer 'secret prompt' of {CANARY}"),
    ]

    async def observe(cell: Cell, lab: Lab) -> Observation:
        from personae.model import Request

        reply = await lab.model().generate(Request.of("secret prompt", system="secret system"))
        return Observation("ok", {"answers": [reply.text]})

    with ChatServer("secret reply", plan=plan) as server:
        model = open_model(f"{server.url}#m")
        outcome = run_study(SmallStudy(persons=3, how=observe), {"subject": model}, folder=tmp_path, workers=1)
        assert CANARY in str(server.headers)  # the key was really sent
    assert sorted(outcome.table["status"]) == ["failed", "ok", "ok"]
    written = (tmp_path / "run.log").read_text() + capfd.readouterr().err
    assert "call repeated" in written
    assert "call failed" in written
    for word in ("secret", "canary"):
        assert word not in written


def test_standard_output_stays_clean(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PERSONAE_LOG", "json")
    monkeypatch.setenv("PERSONAE_LOG_LEVEL", "debug")
    run_study(SmallStudy(), {"subject": WatchedModel()})
    said = capfd.readouterr()
    assert said.out == ""
    assert [json.loads(line)["event"] for line in said.err.splitlines()] == ["run started", "run complete"]
