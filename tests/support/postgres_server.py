"""A real PostgreSQL server for tests, which ends when the process of the tests does, however that ends."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

BINARIES = Path("/usr/lib/postgresql")
USER, PASSWORD = "ann", "canary-pa ss%word/71#"
QUOTED = "canary-pa%20ss%25word%2F71%23"
_START_SECONDS = 60.0

# The shell waits on a pipe whose other end the tests hold. Where they end without a word, killed, it clears up.
_WATCHED = """
folder=$1; shift; "$@" & server=$!
read -r word; kill -QUIT $server; wait $server
test "$word" = keep || rm -rf "$folder"
"""


def find_binaries() -> Path | None:
    """The folder of initdb and postgres, of the newest version there is; Debian keeps them off the path."""
    needed = ("initdb", "postgres", "pg_isready", "psql")
    installed = sorted(BINARIES.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    return next((path for path in (*installed, *on_path) if all((path / name).exists() for name in needed)), None)


class PostgresServer:
    """Serves one data folder on 127.0.0.1; may be stopped and started again.

    As PostgreSQL refuses to run as root, root runs it as the user ``postgres``.

    Args:
        is_durable: Whether each commit waits for the disk, which tests need not.
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        self._fsync = "on" if is_durable else "off"
        binaries = find_binaries()
        assert binaries is not None
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="personae-postgres-"))
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    def __enter__(self) -> Self:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run(
            "initdb", "--pgdata", str(self._data), "--username", USER, "--pwfile", str(secret), "--no-sync",
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", *self._collation(),
        )  # fmt: skip
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _collation(self) -> list[str]:
        """Sort as people do, not by bytes, where the version can: figures must not depend on it."""
        said = subprocess.run([self._binaries / "initdb", "--version"], capture_output=True, text=True, check=True)
        version = re.search(r"\d+", said.stdout)
        is_able = version is not None and int(version[0]) >= 15
        return ["--locale-provider", "icu", "--icu-locale", "en"] if is_able else []

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def url(self, database: str = "postgres", *, password: str = QUOTED, **words: object) -> str:
        """URL of a database, with the password."""
        secret = f":{password}" if password else ""
        query = "&".join(f"{name}={value}" for name, value in words.items())
        return f"postgresql://{USER}{secret}@127.0.0.1:{self.port}/{database}" + (f"?{query}" if query else "")

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": self._fsync,
            "max_connections": 60, "shared_buffers": "32MB",
        }  # fmt: skip
        command = [str(self._binaries / "postgres"), "-D", str(self._data)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _WATCHED, "sh", str(self._folder), *command],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self._folder,
                start_new_session=True, **self._as_user,  # out of reach of signals to all that tests started
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        ready = [str(self._binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode != 0:
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it at once, as a crash would; what was committed is in its write-ahead log."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.communicate(b"keep\n", timeout=30)
            self._process = None

    @property
    def pid(self) -> int:
        """Process of the server itself."""
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    @property
    def log(self) -> str:
        """What it said."""
        return (self._folder / "log").read_text(errors="replace")

    def make_database(self, name: str) -> None:
        """Make an empty database."""
        self.sql("postgres", f'CREATE DATABASE "{name}"')

    def sql(self, database: str, statement: str) -> list[list[str]]:
        """What psql prints for a statement: read without the code under test."""
        done = subprocess.run(
            [str(self._binaries / "psql"), "-X", "-A", "-t", "-q", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", statement,
             "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, database],
            env={**os.environ, "PGPASSWORD": PASSWORD}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def _run(self, name: str, *words: str) -> None:
        command = [str(self._binaries / name), *words]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False, **self._as_user)
        assert done.returncode == 0, done.stderr


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database of a test."""

    server: PostgresServer
    name: str

    def url(self, *, password: str = QUOTED, **words: object) -> str:
        """Its URL, with the password."""
        return self.server.url(self.name, password=password, **words)

    @property
    def open_url(self) -> str:
        """Its URL without the password."""
        return self.server.url(self.name, password="")

    def sql(self, statement: str) -> list[list[str]]:
        """What psql prints for a statement."""
        return self.server.sql(self.name, statement)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
