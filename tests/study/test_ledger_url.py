"""The URL of a ledger: what may be shown never holds a password, and what cannot be read is not repeated."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.study import LedgerUrl

SECRET = "canary-71-secret"


@pytest.mark.parametrize(
    ("given_url", "shown", "dsn"),
    [
        (
            f"postgresql://ann:{SECRET}@db.example:5433/lab",
            "postgresql://ann@db.example:5433/lab",
            f"postgresql://ann:{SECRET}@db.example:5433/lab",
        ),
        ("postgres://db.example/lab", "postgres://db.example/lab", "postgres://db.example/lab"),
        (
            f"postgresql://ann@a:1,b:2/lab?password={SECRET}&sslmode=require",
            "postgresql://ann@a:1,b:2/lab?sslmode=require",
            f"postgresql://ann@a:1,b:2/lab?password={SECRET}&sslmode=require",
        ),
        (
            "postgresql://ann@/lab?host=/run/postgresql&run=pilot%201&lease=5",
            "postgresql://ann@/lab?host=/run/postgresql&run=pilot%201&lease=5",
            "postgresql://ann@/lab?host=/run/postgresql",
        ),
        ("postgresql://ann@[::1]:5432/lab", "postgresql://ann@[::1]:5432/lab", "postgresql://ann@[::1]:5432/lab"),
    ],
)
def test_the_password_and_our_own_words_are_told_apart_from_the_rest(given_url: str, shown: str, dsn: str) -> None:
    url = LedgerUrl.read(given_url)
    assert (url.shown, url.dsn) == (shown, dsn)
    assert SECRET not in repr(url) + str(url) + url.shown


def test_our_own_words_are_read() -> None:
    url = LedgerUrl.read("postgresql://ann@db/lab?run=pilot&lease=2.5")
    assert (url.run, url.lease) == ("pilot", 2.5)
    assert LedgerUrl.read("postgresql://ann@db/lab").lease == 60


def test_what_may_be_shown_reads_as_the_same_place() -> None:
    url = LedgerUrl.read(f"postgresql://ann:{SECRET}@db/lab?run=a%26b&lease=3")
    again = LedgerUrl.read(url.shown)
    assert (again.shown, again.run, again.lease) == (url.shown, "a&b", 3)
    assert again.dsn == "postgresql://ann@db/lab"


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ledger.sqlite",
        "mysql://ann@db/lab",
        "postgresql://ann@db",
        "postgresql://ann@db/",
        f"postgresql://ann:{SECRET}/71@db/lab",  # a bare / # ? in the password
        f"postgresql://ann:71/{SECRET}@db/lab",
        f"postgresql://ann:71?{SECRET}@db/lab",
        f"postgresql://ann:71#{SECRET}@db/lab",
        f"postgresql://ann:{SECRET}@db:port/lab",
        f"postgresql://ann:{SECRET}@[::1/lab",
        f"postgresql://ann:{SECRET}@db/lab?lease=soon",
        f"postgresql://ann:{SECRET}@db/lab?lease=0",
        f"postgresql://ann:{SECRET}@db/lab?lease=inf",
        f"postgresql://ann:{SECRET}@db/lab?lease=nan",
    ],
)
def test_what_is_no_url_is_refused_without_being_repeated(wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        LedgerUrl.read(wrong)
    assert caught.value.remedy
    assert SECRET not in "".join(traceback.format_exception(caught.value, chain=True)).replace(f'"{wrong}"', "")


def test_the_password_comes_from_the_url_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert LedgerUrl.read("postgresql://ann@db/lab").password is None  # the driver asks PGPASSFILE
    (tmp_path / ".env").write_text("PGPASSWORD=from-file\n")
    assert LedgerUrl.read("postgresql://ann@db/lab").password == "from-file"
    monkeypatch.setenv("PGPASSWORD", "from-environment")
    assert LedgerUrl.read("postgresql://ann@db/lab").password == "from-environment"
    for own in ("postgresql://ann:own@db/lab", "postgresql://ann@db/lab?password=own"):
        assert LedgerUrl.read(own).password is None
        assert LedgerUrl.read(own).secrets == ["own"]


def test_a_password_is_known_as_given_and_as_meant() -> None:
    assert set(LedgerUrl.read("postgresql://ann:a%2Fb@db/lab").secrets) == {"a/b", "a%2Fb"}


@given(st.text(min_size=8, alphabet=st.characters(codec="utf-8")))
def test_no_password_is_ever_shown(password: str) -> None:
    """Whether it was quoted rightly or not."""
    try:
        url = LedgerUrl.read(f"postgresql://u:{password}@h/d")
    except InputError as error:
        assert password not in str(error)
    else:
        assert url.shown == "postgresql://u@h/d"
