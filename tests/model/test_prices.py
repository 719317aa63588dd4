"""What a call costs: known prices, unknown ones, and no figure in between."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import PROVIDERS, Price, Reply, Usage, cost_of, price_of, read_prices
from personae.model.prices import PriceList
from support.values import replies

LIST = PriceList(
    "2025-01-01",
    {
        "acme/big": Price(10.0, 5.0, 40.0),
        "acme/big-mini": Price(1.0, 0.5, 4.0),
        "acme/big-2024-05-13": Price(20, 10, 80),
    },
)


def test_a_listed_name_has_its_price() -> None:
    assert LIST.find("acme/big") == Price(10.0, 5.0, 40.0)
    assert LIST.find("acme/big-mini") == Price(1.0, 0.5, 4.0)


@pytest.mark.parametrize("name", ["acme/big-mini-2024-07-18", "acme/big-mini-0613"])
def test_a_dated_snapshot_has_the_price_of_its_model(name: str) -> None:
    assert LIST.find(name) == LIST.find("acme/big-mini")


def test_a_snapshot_that_is_listed_has_its_own() -> None:
    assert LIST.find("acme/big-2024-05-13") == Price(20, 10, 80)
    assert LIST.find("acme/big-2024-08-06") == Price(10, 5, 40)


UNKNOWN = [
    "acme/big-audio-preview",
    "acme/big-16k",
    "acme/big-mini-search",
    "acme/bigger",
    "acme/bi",
    "big",
    "http://localhost:8000/v1#mine",
    "http://localhost:8000/v1#acme/big",
    "openrouter/acme/big",
    "",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_any_other_name_has_no_known_price(name: str) -> None:
    assert LIST.find(name) is None


@pytest.mark.parametrize("name", ["sim", "replay/folder", "scripted", "ollama/qwen3", "vllm/x", "lmstudio/x", "hf/x"])
def test_models_of_ones_own_cost_nothing(name: str) -> None:
    assert LIST.find(name) == Price(0.0, 0.0, 0.0)
    assert cost_of(name, Reply("x", usage=Usage(1000, 1000))) == 0.0
    assert cost_of(name, Reply("x")) == 0.0


def test_the_cost_is_that_of_the_published_formula() -> None:
    # 1,000 input tokens of which 400 cached, 200 output tokens, at 0.15, 0.075 and 0.60 dollars a million
    reply = Reply("x", usage=Usage(input_tokens=1000, cached_tokens=400, output_tokens=200, reasoning_tokens=150))
    expected = (600 * 0.15 + 400 * 0.075 + 200 * 0.60) / 1e6
    assert cost_of("openai/gpt-4o-mini", reply) == pytest.approx(expected, rel=1e-12)


def test_a_cached_reply_costs_nothing() -> None:
    reply = Reply("x", usage=Usage(1000, 1000), is_cached=True)
    assert cost_of("openai/gpt-4o", reply) == 0.0
    assert cost_of("unknown/model", reply) == 0.0


def test_an_unknown_price_is_unknown_and_not_0() -> None:
    assert cost_of("unknown/model", Reply("x", usage=Usage(10, 10))) is None


def test_tokens_that_were_not_told_make_the_cost_unknown() -> None:
    assert cost_of("openai/gpt-4o", Reply("a whole novel", usage=Usage())) is None


@given(replies, st.sampled_from(["openai/gpt-4o", "sim", "unknown/model"]))
def test_no_cost_is_below_0(reply: Reply, name: str) -> None:
    cost = cost_of(name, reply)
    assert cost is None or cost >= 0


def test_the_list_says_of_what_day_it_is_and_asks_nothing_for_less() -> None:
    prices = read_prices()
    assert datetime.date.fromisoformat(prices.as_of) <= datetime.datetime.now(datetime.UTC).date()
    assert prices.models
    for name, price in prices.models.items():
        assert name.partition("/")[0] in PROVIDERS
        assert 0 < price.cached <= price.input <= price.output
        assert price.window is not None
        assert price.most_output is not None
        assert price.most_output <= price.window


def test_the_list_is_read_once() -> None:
    assert read_prices() is read_prices()


@pytest.fixture
def own_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "prices.toml"
    monkeypatch.setenv("PERSONAE_PRICES", str(path))
    read_prices.cache_clear()
    price_of.cache_clear()
    yield path
    read_prices.cache_clear()
    price_of.cache_clear()


def test_a_list_of_ones_own_adds_models_and_its_word_holds(own_list: Path) -> None:
    own_list.write_text(
        "[models]\n"
        '"anthropic/new" = { input = 3, cached = 0.3, output = 15.0, window = 200000, most_output = 64000 }\n'
        '"http://gpu:8000/v1#llama" = { input = 0.1, output = 0.2 }\n'
        '"openai/gpt-4o" = { input = 1.0, output = 2.0 }\n'
        '"vllm/mine" = { input = 0.5, output = 0.5 }\n'
    )
    assert price_of("anthropic/new") == Price(3.0, 0.3, 15.0, 200_000, 64_000)
    assert price_of("http://gpu:8000/v1#llama") == Price(0.1, 0.1, 0.2)
    assert cost_of("openai/gpt-4o", Reply("x", usage=Usage(1_000_000, 1_000_000))) == 3.0
    assert price_of("openai/gpt-4o-mini") == Price(0.15, 0.075, 0.60, 128_000, 16_384)
    assert price_of("vllm/mine") == Price(0.5, 0.5, 0.5)
    assert price_of("vllm/other") == Price(0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[models", "is no price list"),
        ("", "has no table of models"),
        ("[models]\n", "has no table of models"),
        ('[models]\n"a/b" = 3\n', "a/b needs input and output"),
        ('[models]\n"a/b" = { input = 3 }\n', "a/b needs input and output"),
        ('[models]\n"a/b" = { input = 3, output = 4, out = 5 }\n', "has 'out', which is not known"),
        ('[models]\n"a/b" = { input = -3, output = 4 }\n', "no number from 0 on"),
        ('[models]\n"a/b" = { input = nan, output = 4 }\n', "no number from 0 on"),
        ('[models]\n"a/b" = { input = true, output = 4 }\n', "no number from 0 on"),
        ('[models]\n"a/b" = { input = 3, output = 4, window = 0 }\n', "no whole number above 0"),
    ],
)
def test_what_is_no_price_list_is_refused_by_name(own_list: Path, text: str, words: str) -> None:
    own_list.write_text(text)
    with pytest.raises(InputError, match=re.escape(words)) as refused:
        price_of("a/b")
    assert str(own_list) in str(refused.value)


def test_a_list_that_is_not_there_is_refused(own_list: Path) -> None:
    with pytest.raises(InputError, match="is no price list"):
        price_of("a/b")
