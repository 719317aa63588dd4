"""What a run tells of itself while it runs."""

from __future__ import annotations

import io
import sys
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.study import Plain, Quiet, Tally, Watcher, choose_watcher, describe
from personae.study.progress import LiveLine, short_number, short_time


def busy() -> Tally:
    return Tally(
        total=100,
        resumed=20,
        statuses=Counter({"ok": 25, "refused": 3, "failed": 2}),
        calls=70,
        cached_calls=10,
        input_tokens=12_000,
        output_tokens=400,
        cost=1.25,
    )


def test_one_line_says_how_far_how_dear_and_how_long() -> None:
    assert describe(busy(), 60.0) == (
        "50/100 cells · 20 from before · 70 calls (10 cached) · 12.4k tokens · $1.25 · 2 failed · 3 refused"
        " · ETA 1 min 40 s"
    )


def test_the_time_left_is_reckoned_from_this_start_alone() -> None:
    """20 of the 50 cells were there before: 30 took 60 s, so the other 50 take 100 s."""
    assert describe(busy(), 60.0).endswith("ETA 1 min 40 s")


def test_a_finished_run_tells_the_time_it_took() -> None:
    tally = Tally(total=2, statuses=Counter({"ok": 2}), calls=2)
    assert describe(tally, 4.0) == "2/2 cells · 2 calls · 0 tokens · $0.00 · 4 s"


def test_a_design_without_an_end_has_no_total_and_no_time_left() -> None:
    tally = Tally(statuses=Counter({"ok": 5}), calls=5, has_unknown_cost=True)
    assert describe(tally, 3.0) == "5 cells · 5 calls · 0 tokens · unknown · 3 s"


def test_before_the_first_cell_nothing_is_reckoned() -> None:
    assert describe(Tally(total=10), 0.0) == "0/10 cells · 0 calls · 0 tokens · $0.00"
    assert "ETA" not in describe(Tally(total=10, resumed=5), 9.0)


@settings(deadline=None)
@given(
    st.none() | st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.dictionaries(st.sampled_from(["ok", "refused", "failed"]), st.integers(1, 100)),
    st.floats(0, 1e7),
)
def test_any_state_is_told_in_one_line(
    total: int | None, resumed: int, statuses: dict[str, int], seconds: float
) -> None:
    tally = Tally(total=total, resumed=resumed, statuses=Counter(statuses))  # type: ignore[arg-type]
    line = describe(tally, seconds)
    assert "\n" not in line
    assert str(tally.done) in line
    for status, count in statuses.items():
        assert (f"{count} {status}" in line) == (status != "ok")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0, "0"), (7, "7"), (999, "999"), (1000, "1.0k"), (12_400, "12.4k"), (999_949, "999.9k")),
        *((1_000_000, "1.0M"), (2_500_000_000, "2.5G")),
    ],
)
def test_counts_are_short(value: float, text: str) -> None:
    assert short_number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (60, "1 min 0 s"), (3599.6, "1 h 0 min")),
        *((3600, "1 h 0 min"), (3661, "1 h 1 min"), (100_000, "27 h 46 min")),
    ],
)
def test_times_are_short(seconds: float, text: str) -> None:
    assert short_time(seconds) == text


def test_without_a_terminal_a_line_is_printed_now_and_then_and_one_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    watcher, tally = Plain(stream), Tally(total=1000)
    watcher.start(tally)
    for _ in range(250):
        now[0] += 0.125  # a binary fraction, so that eighty of them are ten seconds
        tally.statuses["ok"] += 1
        watcher.update(tally)
    assert [line.split(" ")[0] for line in stream.getvalue().splitlines()] == ["80/1000", "160/1000", "240/1000"]
    watcher.stop(tally)
    assert stream.getvalue().splitlines()[-1].startswith("250/1000 cells")
    assert len(stream.getvalue().splitlines()) == 4


def test_plain_lines_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    Plain().stop(Tally(total=3))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("0/3 cells")


def test_the_quiet_one_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    watcher: Watcher = Quiet()
    for tell in (watcher.start, watcher.update, watcher.stop):
        tell(busy())
    assert capsys.readouterr() == ("", "")


def test_the_way_of_telling_suits_where_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose_watcher(is_quiet=True), Quiet)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(choose_watcher(), Plain)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert isinstance(choose_watcher(), LiveLine)
    assert isinstance(choose_watcher(is_quiet=True), Quiet)


def test_the_live_line_shows_the_last_state_and_gives_the_terminal_back(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "200")
    watcher, tally = LiveLine(), Tally(total=3)
    watcher.start(tally)
    for _ in range(3):
        tally.statuses["ok"] += 1
        watcher.update(tally)
    tally.statuses["failed"] += 1
    watcher.stop(tally)
    assert "4/3 cells" in terminal.getvalue()
    assert "1 failed" in terminal.getvalue()
    assert terminal.getvalue().count("\x1b[?25l") == terminal.getvalue().count("\x1b[?25h")  # the cursor is back


def test_a_line_that_never_started_can_be_stopped() -> None:
    LiveLine().stop(Tally())


def test_what_other_workers_do_is_told_apart() -> None:
    tally = Tally(total=10, resumed=2, elsewhere=3, waiting=1)
    assert tally.done == 5
    assert describe(tally, 1.0).startswith("5/10 cells · 2 from before · 3 by other workers · waiting for 1 of other")
    assert "other workers" not in describe(Tally(total=10), 1.0)
