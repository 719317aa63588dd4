"""What a run will cost, may cost and has cost, as a user asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.chat_server import ChatServer
from support.command_line import personae
from support.simulated_server import simulated_answers

LEAN = [
    "-P", "personas_per_type=1", "-P", "judged_per_type=1", "-P", "raters=1",
    "-P", "controls=false", "-P", "robustness=false",
]  # fmt: skip


def test_a_dry_run_asks_nobody_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-used")
    words = ["paper", "run", "personallm", *LEAN, "--model", "openai/gpt-4o-mini", "--dry-run"]
    data = personae(*words, "--json").data
    assert (data["cells"], data["tried"]) == (32, 32)
    roles = {one["role"]: one for one in data["roles"]}
    assert roles["subject"]["calls"] == 64  # a questionnaire and a story
    assert roles["judge"]["calls"] == 64  # told and not told that it is a machine
    assert data["cost"] == pytest.approx(sum(one["cost"] for one in data["roles"]))
    assert data["cost"] > 0
    said = personae(*words)
    assert said.code == 0
    assert "32 cells" in said.out
    assert "Estimated on sim" in said.out
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_says_where_a_price_is_not_known() -> None:
    words = ["paper", "run", "personallm", *LEAN, "--model", "http://127.0.0.1:9/v1#m", "--dry-run"]
    assert personae(*words, "--json").data["cost"] is None
    assert "a price is not in the list" in personae(*words).out


def test_a_token_limit_ends_the_run_in_good_order_and_a_higher_one_goes_on(tmp_path: Path) -> None:
    with ChatServer(simulated_answers()) as server:
        words = [
            "paper", "run", "personallm", *LEAN, "--model", f"{server.url}#sim", "--folder", str(tmp_path / "run"),
            "--no-cache", "--no-progress", "--json",
        ]  # fmt: skip
        stopped = personae(*words, "--token-limit", "20000")
        assert stopped.code == 5
        assert stopped.envelope["status"] == "failed"
        assert "of 20000 tokens spent" in stopped.envelope["warnings"][0]
        spent = personae("run", "cost", str(tmp_path / "run"), "--json").data["spending"]
        assert 0 < sum(one["input_tokens"] + one["output_tokens"] for one in spent) <= 20_000
        asked = len(server.requests)
        whole = personae(*words)
        assert whole.code == 0
        assert whole.data["cells"] == 32
        bodies = [str(body) for body in server.requests]
    assert asked < len(bodies) == len(set(bodies))


def test_what_was_spent_is_shown_by_role_and_by_factor(tmp_path: Path) -> None:
    folder = str(tmp_path / "run")
    assert personae("paper", "run", "personallm", *LEAN, "--folder", folder, "--no-progress").code == 0
    by_role = personae("run", "cost", folder, "--json").data
    assert {one["name"]: one["calls"] for one in by_role["spending"]} == {"subject": 64, "judge": 64}
    by_type = personae("run", "cost", folder, "--by", "type", "--json").data["spending"]
    assert len(by_type) == 32
    assert sum(one["calls"] for one in by_type) == 128
    assert "subject" in personae("run", "cost", folder).out
    wrong = personae("run", "cost", folder, "--by", "colour", "--json")
    assert (wrong.code, wrong.error["code"]) == (3, "input")
    assert "type" in wrong.error["remedy"]


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [("--cost-limit", "0", "above 0"), ("--token-limit", "-5", "above 0"), ("--cost-limit", "1", "--token-limit")],
)
def test_a_limit_that_cannot_hold_is_refused(option: str, value: str, hint: str, tmp_path: Path) -> None:
    words = ["paper", "run", "personallm", "--model", "http://127.0.0.1:9/v1#m", "--folder", str(tmp_path / "run")]
    said = personae(*words, option, value)
    assert said.code == 3
    assert hint in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert not (tmp_path / "run" / "run.json").exists()
