"""What a run takes is told before it starts, and only for what is chosen now."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from support.studio import Served, environment, visit


@pytest.mark.slow
def test_an_agreement_is_to_the_price_that_was_shown(browser: Browser, tmp_path: Path) -> None:
    models = ["--model", "sim", "--model", "openai/gpt-4o"]
    folders = ["--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs")]
    words = [str(Path(sys.executable).parent / "personae"), "serve", "--port", "0", *models, *folders]
    served = Served(words, tmp_path / "log", {**environment(tmp_path), "OPENAI_API_KEY": "none"})
    try:
        with visit(browser, served.start()) as guest:
            page = guest.open("/runs/new/paper/personallm")
            page.get_by_label("Personas per type").fill("40")
            for switch in ("Stories", "Robustness"):
                page.get_by_label(switch).first.uncheck()
            estimate, start = page.get_by_label("Estimate"), page.get_by_role("button", name="Start the run")
            expect(start).to_be_enabled(timeout=30_000)
            expect(estimate).to_contain_text("Cost$0.00")
            page.get_by_label("Subject").select_option("openai/gpt-4o")
            expect(start).to_be_disabled()
            expect(estimate).not_to_contain_text("Cost$0.00")
            agree = page.get_by_label("It may cost more than $1.00")
            expect(agree).to_be_visible(timeout=30_000)
            expect(start).to_be_disabled()
            agree.check()
            expect(start).to_be_enabled()
            page.get_by_label("Personas per type").fill("80")
            expect(start).to_be_disabled()
            expect(agree).to_be_visible(timeout=30_000)
            expect(agree).not_to_be_checked()
    finally:
        served.stop()
