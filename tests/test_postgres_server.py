"""The PostgreSQL server of the tests: it ends with them, however they end, and keeps its data when it is restarted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.postgres_server import PASSWORD, QUOTED, Database, PostgresServer, find_binaries

STARTS = """
import signal, time
from support.postgres_server import PostgresServer
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs in the background deaf to it
with PostgresServer() as server:
    print(server.pid, server.url(), server._folder, flush=True)
    time.sleep(600)
"""


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(find_binaries() is None, reason="postgresql is not installed: see the README's system packages")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_the_tests_are_killed_and_leaves_nothing(number: signal.Signals) -> None:
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-c", STARTS], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
    ) as tests:  # fmt: skip
        assert tests.stdout is not None
        process, _, folder = tests.stdout.readline().split()
        assert is_running(int(process))
        os.killpg(tests.pid, number)  # as a terminal, or timeout(1), does
    deadline = time.monotonic() + 20
    while is_running(int(process)) or Path(folder).exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_database_is_empty_and_belongs_to_one_test(database: Database) -> None:
    assert database.sql("SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")[
        0
    ] == ["0"]
    assert QUOTED in database.url()
    assert PASSWORD not in database.open_url
    assert database.url(run="a").endswith(f"/{database.name}?run=a")


def test_what_was_committed_is_there_after_a_stop_and_a_start(postgres_server: PostgresServer) -> None:
    with PostgresServer() as server:
        server.sql("postgres", "CREATE TABLE kept AS SELECT 'b' AS a UNION SELECT 'A' UNION SELECT 'c'")
        before = server.pid
        server.stop()
        assert not is_running(before)
        server.start()
        assert server.pid != before
        assert server.port != postgres_server.port
        assert server.sql("postgres", "SELECT a FROM kept ORDER BY a") == [["A"], ["b"], ["c"]]
