"""What a run of a million cells costs whoever looks at it in the studio: in the API, and in a browser.

    python benchmarks/studio.py [--cells 1000000] [--keep FOLDER]

A BFI-10 run on the simulated respondent is made by the studio; its ledger is then filled with copies of its calls
and observations under other cells, one in a hundred of them refused. A new server, which knows nothing of it, is asked
for pages at the start, in the middle and at the end, by status and by words; then a browser goes the same way, and the
time counts from the click until the row that was asked for is drawn. A million cells take 4 GB of disk.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import httpx2
import orjson

_HEADERS = {"X-Personae": "1"}
_RARE = "of-the-end"
"""A word that only the last cells have."""


@contextmanager
def studio(folder: Path) -> Iterator[tuple[str, int]]:
    """A studio's address and process."""
    log = folder / "log"
    words = ["--port", "0", "--data", str(folder / "data"), "--runs", str(folder / "runs")]
    with log.open("wb") as said:
        command = [str(Path(sys.executable).parent / "personae"), "serve", "--model", "sim", *words]
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        while not (told := re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8"))):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield told.group(), process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def make_run(folder: Path) -> str:
    with studio(folder) as (url, _), httpx2.Client(base_url=url, headers=_HEADERS, timeout=60) as http:
        ada = {"name": "Ada", "description": "A retired engineer.", "traits": {"big_five.openness": 2.0}}
        http.post("/api/personas", json={"persona": ada, "slug": "ada"})
        run: str = http.post("/api/runs", json={"kind": "instrument", "key": "bfi-10", "people": ["ada"]}).json()["id"]
        while not http.get(f"/api/runs/{run}").json()["has_report"]:
            time.sleep(0.2)
    return run


def fill(ledger: Path, cells: int) -> None:
    connection = apsw.Connection(str(ledger))
    connection.execute("PRAGMA synchronous = OFF")
    rows = list(connection.execute('SELECT cell, factors, "values", transcript FROM observations ORDER BY id'))
    calls = {
        cell: rest
        for cell, *rest in connection.execute(
            "SELECT cell, role, model, request, reply, error, input_tokens, cached_tokens, output_tokens,"
            " reasoning_tokens, cost, seconds, finished FROM calls"
        )
    }
    connection.execute("BEGIN")
    for number in range(len(rows), cells):
        of, factors, values, transcript = rows[number % len(rows)]
        cell = hashlib.sha256(b"%d" % number).hexdigest()
        other = {**orjson.loads(factors), "person": f"p-{cell[:12]}", "repeat": number}
        if number >= cells - 3:
            other["person"] = _RARE
        status, detail = ("refused", "no option was named") if number % 100 == 0 else ("ok", "")
        connection.execute(f"INSERT INTO calls VALUES (NULL{', ?' * 14})", (cell, cell, *calls[of]))
        connection.execute(
            "INSERT INTO observations VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            (cell, status, detail, orjson.dumps(other).decode(), values, transcript, time.time()),
        )
        if number % 20_000 == 0:
            connection.execute("COMMIT; BEGIN")
    connection.execute("COMMIT")
    connection.close()


def report(what: str, seconds: float, note: str = "") -> None:
    shown = f"{seconds * 1e3:,.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
    print(f"{what:58} {shown:>9}  {note}", flush=True)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def ask(url: str, run: str, process: int, cells: int) -> None:
    with httpx2.Client(base_url=f"{url}/api/runs", timeout=120) as http:

        def page(**words: Any) -> dict[str, Any]:
            found: dict[str, Any] = http.get(f"/{run}/cells", params={"limit": 100, **words}).json()
            return found

        def search(**words: Any) -> dict[str, Any]:
            while not (found := page(**words))["is_all"]:
                pass
            return found

        report("the list of runs", timed(lambda: http.get(""))[0])
        report("the run", timed(lambda: http.get(f"/{run}"))[0])
        report("first page of cells, nothing known yet", timed(page)[0])
        seconds, found = timed(search)
        assert found["total"] == cells, found["total"]
        report("until all cells are known", seconds, "once for each ledger")
        for name, words in {
            "first page": {},
            "page in the middle": {"cursor": cells // 2},
            "last page": {"cursor": cells - 100},
            "refused, first page": {"status": "refused"},
            "refused, last page": {"status": "refused", "cursor": cells // 100 - 101},
        }.items():
            seconds, found = timed(lambda words=words: page(**words))  # type: ignore[misc]
            assert len(found["items"]) == 100, (name, len(found["items"]))
            report(name, seconds)
        seconds, found = timed(lambda: search(q=_RARE))
        assert found["total"] == 3
        report("words that only the last three cells have", seconds)
        seconds, again = timed(lambda: search(q=_RARE))
        report("the same words again", seconds)
        cell = again["items"][-1]["cell"]
        seconds, shown = timed(lambda: http.get(f"/{run}/cells/{cell}").json())
        assert shown["calls"], shown
        report("the last cell, with prompt and answer", seconds)
        seconds, spent = timed(lambda: http.get(f"/{run}/spending").json())
        assert spent["items"][0]["calls"] >= cells
        report("what the calls took, added up", seconds)
        report("the same again", timed(lambda: http.get(f"/{run}/spending"))[0])
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    kilobytes = re.search(r"VmRSS:\s+(\d+)", status)
    print(f"{'resident memory of the server':58} {int(kilobytes.group(1)) / 1024 if kilobytes else 0:6.0f} MB")


def browse(url: str, run: str, cells: int) -> None:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        row = page.locator(".cell-row")
        number = page.locator(".cell-index")

        def look(what: str, act: Callable[[], Any], arrived: Callable[[], Any]) -> None:
            report(f"browser: {what}", timed(lambda: (act(), arrived()))[0])

        look("the run's page", lambda: page.goto(f"{url}/runs/{run}"), lambda: page.locator("h1").wait_for())
        tab, tell = page.get_by_role("tab", name="Cells"), page.get_by_role("button", name="Last cells")
        look("its cells", tab.click, lambda: row.first.wait_for())
        look("all are known", lambda: None, lambda: expect(page.get_by_text(f"{cells:,} cells").first).to_be_visible())
        look("the last cells", tell.click, lambda: expect(number.last).to_have_text(f"{cells:,}"))

        def go() -> None:
            page.get_by_label("Go to cell").fill(str(cells // 2))
            page.get_by_role("button", name="Go", exact=True).click()

        look("the cell in the middle", go, lambda: expect(number.first).to_have_text(f"{cells // 2:,}"))
        look(
            "those that were refused",
            lambda: page.get_by_label("Status").select_option("refused"),
            lambda: expect(page.locator(".cell-row .badge").first).to_have_text("refused"),
        )
        page.get_by_label("Status").select_option("")
        look(
            "words that only the last three have",
            lambda: page.get_by_label("Search factors and details").fill(_RARE),
            lambda: expect(row).to_have_count(3),
        )
        look("one of them, opened", row.last.click, lambda: page.get_by_text("Call 1").wait_for())
        browser.close()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cells", type=int, default=1_000_000)
    arguments.add_argument("--keep", type=Path, help="folder that holds the run, made if it is not there, and stays")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        kept = sorted((folder / "runs").glob("bfi-10-*"))
        run = kept[0].name if kept else make_run(folder)
        if not kept:
            fill(folder / "runs" / run / "ledger.sqlite", given.cells)
        with studio(folder) as (url, process):
            ask(url, run, process, given.cells)
        with studio(folder) as (url, _):
            browse(url, run, given.cells)


if __name__ == "__main__":
    main()
