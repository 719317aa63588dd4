"""Watching from the command line: the option, the log beside the envelope, and what is said where a library lacks."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from support.command_line import personae

RUN = ("paper", "run", "personallm", "--model", "sim", "--limit", "2", "--no-progress")


def test_metrics_are_served_while_a_run_goes_on(tmp_path: Path) -> None:
    said = personae(*RUN, "--folder", str(tmp_path / "run"), "--metrics-port", "0", "--json")
    assert said.code == 0
    assert said.data["cells"] == 2
    assert re.search(r"^metrics: http://127\.0\.0\.1:[1-9]\d*/metrics$", said.err, flags=re.MULTILINE)
    again = personae("run", "resume", str(tmp_path / "run"), "--limit", "3", "--no-progress", "--metrics-port", "0")
    assert again.code == 0
    assert "/metrics" in again.err


def test_a_port_out_of_range_is_not_understood(tmp_path: Path) -> None:
    assert personae(*RUN, "--folder", str(tmp_path / "run"), "--metrics-port", "65536").code == 2


def test_a_missing_library_is_named_before_anything_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    said = personae(*RUN, "--folder", str(tmp_path / "run"), "--metrics-port", "0", "--json")
    assert said.code == 7
    assert said.error["remedy"] == 'pip install "personae[watch]"'
    assert not (tmp_path / "run").exists()


def test_a_missing_library_of_a_variable_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental")
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    said = personae(*RUN, "--folder", str(tmp_path / "run"), "--json")
    assert said.code == 7
    assert said.error["remedy"] == 'pip install "personae[watch]"'


def test_a_run_keeps_its_log_and_says_nothing_of_it(tmp_path: Path) -> None:
    said = personae(*RUN, "--folder", str(tmp_path / "run"), "--json")
    assert said.err == ""
    events = [json.loads(line)["event"] for line in (tmp_path / "run" / "run.log").read_text().splitlines()]
    assert events == ["run started", "run incomplete"]


def test_the_log_goes_to_standard_error_and_leaves_the_envelope_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONAE_LOG", "json")
    monkeypatch.setenv("PERSONAE_LOG_LEVEL", "info")
    said = personae(*RUN, "--folder", str(tmp_path / "run"), "--json")
    assert said.data["cells"] == 2
    assert [json.loads(line)["event"] for line in said.err.splitlines()] == ["run started", "run incomplete"]


def test_a_wrong_setting_of_the_log_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAE_LOG", "xml")
    said = personae(*RUN, "--folder", str(tmp_path / "run"), "--json")
    assert (said.code, said.error["where"]) == (3, "PERSONAE_LOG")


def test_the_doctor_knows_the_variables() -> None:
    found = {one["what"] for one in personae("doctor", "--json").data["checks"]}
    assert found >= {"PERSONAE_LOG", "PERSONAE_LOG_LEVEL", "PERSONAE_METRICS_PORT"}
