"""The studio's pages: types, packing, caching, and a policy that lets nothing in from elsewhere."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from personae.serve.static import StudioPages


@pytest.fixture
def pages(tmp_path: Path) -> TestClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>studio</title>")
    (tmp_path / "assets" / "app-1a2b.js").write_text("export const answer = 42;\n" * 200)
    (tmp_path / "assets" / "app-1a2b.js.br").write_bytes(b"packed by brotli")
    (tmp_path / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return TestClient(StudioPages(tmp_path), base_url="http://127.0.0.1")


def test_every_path_without_a_file_is_a_page_of_the_app(pages: TestClient) -> None:
    for path in ("/", "/personas", "/chat/c-1", "/take/abc", "/runs/bfi-44-sim"):
        answer = pages.get(path)
        assert answer.status_code == 200
        assert "studio" in answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_policy_lets_no_script_style_or_frame_in(pages: TestClient) -> None:
    policy = pages.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_missing_asset_is_not_answered_by_a_page(pages: TestClient) -> None:
    assert pages.get("/assets/gone-1.js").status_code == 404


def test_hashed_assets_are_kept_for_good_and_pages_are_asked_for_again(pages: TestClient) -> None:
    assert "immutable" in pages.get("/assets/app-1a2b.js").headers["cache-control"]
    page = pages.get("/")
    assert page.headers["cache-control"] == "no-cache"
    again = pages.get("/", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_files_are_sent_packed_as_the_browser_takes_them(pages: TestClient) -> None:
    path = "/assets/app-1a2b.js"
    with pages.stream("GET", path, headers={"accept-encoding": "gzip, br"}) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert b"".join(answer.iter_raw()) == b"packed by brotli"
    with pages.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert b"answer = 42" in gzip.decompress(b"".join(answer.iter_raw()))
    with pages.stream("GET", path, headers={"accept-encoding": "identity"}) as answer:
        assert "content-encoding" not in answer.headers
        assert b"answer = 42" in b"".join(answer.iter_raw())


@pytest.mark.parametrize("path", ["/../settings.py", "/assets/../../app.py", "/%2e%2e/app.py", "/assets/%2e%2e/x"])
def test_no_path_leaves_the_folder(pages: TestClient, path: str) -> None:
    assert "import" not in pages.get(path).text


def test_pages_take_no_changes(pages: TestClient) -> None:
    assert pages.post("/").status_code == 405
    assert pages.head("/").status_code == 200


def test_an_install_without_pages_says_so(tmp_path: Path) -> None:
    answer = TestClient(StudioPages(tmp_path / "none"), base_url="http://127.0.0.1").get("/")
    assert "no studio pages" in answer.text
