"""What can be planted: every bias shows where it should, as much as it should, and nowhere else."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from scipy.stats import binom, chisquare

from personae.instrument import Administration, load_instrument, make_form
from personae.model import Message, Request, Sampling, is_refusal
from personae.persona import BIG_FIVE, Persona, render
from personae.respondent import SimSettings, SimulatedRespondent
from personae.respondent.graded import biased, category_probabilities, draw, heated
from personae.respondent.items import loading_of

E, A, C, N, O = BIG_FIVE  # noqa: E741  # the field's letters
BFI = load_instrument("bfi-44")
SCALE = "1 = Disagree strongly\n2 = Disagree a little\n3 = Neither\n4 = Agree a little\n5 = Agree strongly"
REVERSED = "1 = Agree strongly\n2 = Agree a little\n3 = Neither\n4 = Disagree a little\n5 = Disagree strongly"
TALKATIVE = "I see myself as someone who is talkative."


def drawn(prompt: str, count: int, *, system: str = "", temperature: float = 1.0, **planted: float) -> list[str]:
    """Many independent replies to one request."""
    respondent = SimulatedRespondent(SimSettings(**planted))  # type: ignore[arg-type]
    return [
        respondent.answer(Request.of(prompt, system=system, sampling=Sampling(temperature, seed=seed))).text
        for seed in range(count)
    ]


def item(text: str, options: str = SCALE) -> str:
    return f"Statement: {text}\n\nResponse options:\n{options}\n\nAnswer with the number only."


def mean_value(replies: list[str]) -> float:
    return sum(map(int, replies)) / len(replies)


def sheets(count: int, traits: dict[str, float], how: Administration | None = None, **planted: float) -> np.ndarray:
    """Answers of people alike to the BFI-44 on its own values, items in printed order."""
    how = how or Administration()
    form = make_form(BFI, how)
    system = render(Persona(traits=traits), "nine-level").text
    replies = drawn(form.prompt(how.template), count, system=system, **planted)
    return np.array(
        [[answer.value for answer in form.reader.read_sheet(reply, form.labels)] for reply in replies], float
    )


def raw_by_key(answers: np.ndarray) -> tuple[float, float]:
    """Mean raw agreement with items keyed for and against their traits."""
    signs: dict[str, int] = {}
    for scale in BFI.scales:
        signs |= {key: sign * scale.direction for key, sign in BFI.keying(scale).items()}
    keyed = np.array([signs[key] for key in BFI.item_ids])
    return float(answers[:, keyed > 0].mean()), float(answers[:, keyed < 0].mean())


def score(answers: np.ndarray, trait: str) -> float:
    (scale,) = [scale for scale in BFI.scales if scale.trait == trait]
    columns = [(BFI.item_ids.index(key), sign * scale.direction) for key, sign in BFI.keying(scale).items()]
    return float(np.mean([(answers[:, index] - 3.0) * sign for index, sign in columns])) + 3.0


# The response model


def expected(theta: float, a: float, d: float, categories: int) -> list[float]:
    """Samejima (1969) by its formula: differences of logistic curves at thresholds from -1.5 to 1.5."""
    thresholds = np.linspace(-1.5, 1.5, categories - 1) if categories > 2 else np.zeros(1)
    above = [1.0, *(1 / (1 + math.exp(-a * (theta - d - b))) for b in thresholds), 0.0]
    return [above[k] - above[k + 1] for k in range(categories)]


@pytest.mark.parametrize("categories", [2, 3, 5, 7, 11])
@pytest.mark.parametrize("theta", [-2.0, -0.5, 0.0, 1.0])
def test_categories_are_as_likely_as_the_formula_says(theta: float, categories: int) -> None:
    found = category_probabilities(theta, 2.5, 0.2, categories, 1.0)
    assert found == pytest.approx(expected(theta, 2.5, 0.2, categories))


@pytest.mark.parametrize(("words", "theta"), [("", 0.0), ("extremely talkative", 2.0), ("a bit quiet", -0.5)])
@pytest.mark.parametrize("text", [TALKATIVE, "I see myself as someone who tends to be quiet."])
def test_answers_are_distributed_as_the_graded_response_model_says(words: str, theta: float, text: str) -> None:
    loading = loading_of(text)
    assert loading is not None
    p = expected(loading.sign * theta, loading.discrimination, loading.difficulty, 5)
    count = 2500
    replies = Counter(drawn(item(text), count, system=f"You are {words}." if words else ""))
    seen = np.array([replies[str(value)] for value in range(1, 6)], dtype=float)
    wanted = np.array(p) * count
    is_rare = wanted < 5  # chi-square needs some of each
    if is_rare.any():
        seen, wanted = (np.append(row[~is_rare], row[is_rare].sum()) for row in (seen, wanted))
    assert chisquare(seen, wanted * seen.sum() / wanted.sum()).pvalue > 0.001


@given(st.lists(st.floats(0.001, 1.0), min_size=2, max_size=11), st.floats(0.1, 3.0))
@bounds(deadline=None)
def test_temperature_keeps_the_order_of_the_options_and_sums_to_one(weights: list[float], temperature: float) -> None:
    p = [weight / sum(weights) for weight in weights]
    hot = heated(p, temperature)
    assert sum(hot) == pytest.approx(1.0)
    assert hot == pytest.approx([x ** (1 / temperature) / sum(y ** (1 / temperature) for y in p) for x in p])
    assert sorted(range(len(p)), key=lambda k: (p[k], k)) == sorted(range(len(p)), key=lambda k: (hot[k], p[k], k))


def test_temperature_zero_is_the_mode_every_time() -> None:
    for words, mode in (("extremely talkative", "5"), ("extremely quiet", "1"), ("neither silent nor talkative", "3")):
        replies = drawn(item(TALKATIVE), 50, system=f"You are {words}.", temperature=0.0)
        assert set(replies) == {mode}


def test_the_hotter_the_more_scattered() -> None:
    spreads = [
        np.std(list(map(int, drawn(item(TALKATIVE), 600, temperature=temperature)))) for temperature in (0.3, 1.0, 2.0)
    ]
    assert spreads[0] < spreads[1] < spreads[2]


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9).filter(any), st.floats(0.0, 1.0, exclude_max=True))
@bounds(deadline=None)
def test_an_option_of_probability_zero_is_never_drawn(weights: list[float], uniform: float) -> None:
    p = [weight / sum(weights) for weight in weights]
    assert p[draw(p, uniform)] > 0.0


# Biases


def test_acquiescence_raises_agreement_with_items_of_both_keys_alike() -> None:
    plain, shifted = (raw_by_key(sheets(60, {}, acquiescence=shift)) for shift in (0.0, 0.6))
    gains = [after - before for before, after in zip(plain, shifted, strict=True)]
    assert min(gains) > 0.3
    assert abs(gains[0] - gains[1]) < 0.1
    assert raw_by_key(sheets(60, {}, acquiescence=-0.6))[0] < plain[0] - 0.3


def test_acquiescence_agrees_whichever_end_the_scale_begins_with() -> None:
    assert mean_value(drawn(item(TALKATIVE), 400, acquiescence=1.0)) > 3.7
    assert mean_value(drawn(item(TALKATIVE, REVERSED), 400, acquiescence=1.0)) < 2.3


def test_acquiescence_is_measured_in_standard_deviations_of_the_trait() -> None:
    shifted = mean_value(drawn(item(TALKATIVE), 2000, acquiescence=1.0))
    told = mean_value(drawn(item(TALKATIVE), 2000, system="You are talkative."))
    assert abs(shifted - told) < 0.1


@pytest.mark.parametrize(("trait", "pole"), [(E, 1), (A, 1), (C, 1), (N, -1), (O, 1)])
def test_desirability_moves_every_trait_to_its_desirable_pole(trait: str, pole: int) -> None:
    plain, good = (score(sheets(40, {}, desirability=shift), trait) for shift in (0.0, 1.0))
    assert pole * (good - plain) > 0.5


def test_desirability_moves_alternatives_in_words_too() -> None:
    prompt = "What would you do?\nA) I would help others kindly.\nB) I would insult them.\nAnswer with one letter."
    assert drawn(prompt, 300, desirability=2.0).count("A") > 280 > drawn(prompt, 300).count("A")


@pytest.mark.parametrize("options", [SCALE, REVERSED])
def test_order_bias_prefers_what_is_listed_first_whichever_end_that_is(options: str) -> None:
    plain, first, last = (
        mean_value(drawn(item(TALKATIVE, options), 500, order_bias=bias)) for bias in (0.0, 3.0, -3.0)
    )
    assert first < plain - 0.3
    assert last > plain + 0.3


def test_order_bias_is_the_log_odds_of_first_to_last() -> None:
    p = category_probabilities(0.3, 2.0, 0.0, 5, 1.0)
    for order in ((0, 1, 2, 3, 4), (4, 3, 2, 1, 0)):
        leaning = biased(p, order, order_bias=1.2)
        first, last = order.index(0), order.index(4)
        gained = math.log(leaning[first] / leaning[last]) - math.log(p[first] / p[last])
        assert gained == pytest.approx(1.2)


def test_order_bias_holds_for_alternatives_in_words() -> None:
    prompt = "Where do you eat?\nA) In the kitchen.\nB) In the garden.\nAnswer with one letter."
    assert drawn(prompt, 300, order_bias=3.0).count("A") > 240
    assert drawn(prompt, 300, order_bias=-3.0).count("B") > 240


@pytest.mark.parametrize("prompt", [item(TALKATIVE), "Share a personal story in 30 words.", "Hello there."])
@pytest.mark.parametrize("rate", [0.0, 0.15, 0.6, 1.0])
def test_refusals_come_at_the_rate_that_was_planted_and_are_recognised(rate: float, prompt: str) -> None:
    count = 500
    refused = sum(is_refusal(reply) for reply in drawn(prompt, count, refusal_rate=rate))
    low, high = binom.ppf([0.0005, 0.9995], count, rate)
    assert low <= refused <= high


def test_noise_is_a_share_of_even_draws_that_no_temperature_cures() -> None:
    replies = Counter(drawn(item(TALKATIVE), 1500, system="You are extremely talkative.", temperature=0.0, noise=0.4))
    low, high = binom.ppf([0.0005, 0.9995], 1500, 0.4 / 5)
    assert all(low <= replies[mark] <= high for mark in "1234")
    everything = Counter(drawn(item(TALKATIVE), 1500, system="You are extremely talkative.", noise=1.0))
    assert chisquare([everything[mark] for mark in "12345"]).pvalue > 0.001


def test_drift_takes_its_share_with_every_turn() -> None:
    respondent = SimulatedRespondent(SimSettings(drift=0.5))
    messages = [Message("system", "You are extremely talkative."), Message("user", "Hello.")]
    for turns in range(4):
        assert respondent.traits(messages)[E] == pytest.approx(2.0 * 0.5**turns)
        messages += [Message("assistant", "Hello."), Message("user", "And?")]


def test_drift_shows_in_the_answers_of_later_turns() -> None:
    respondent = SimulatedRespondent(SimSettings(drift=0.4))
    early = (Message("system", "You are extremely talkative."), Message("user", item(TALKATIVE)))
    chat = (Message("user", "Hello."), Message("assistant", "Good morning."))
    late = (early[0], *chat * 5, early[1])
    means = [
        mean_value([respondent.answer(Request(asked, Sampling(1.0, seed=seed))).text for seed in range(300)])
        for asked in (early, late)
    ]
    assert means[0] > 4.5
    assert means[1] < 3.5


def test_prose_wraps_the_answers_without_changing_them() -> None:
    form = make_form(BFI, Administration())
    (reply,) = drawn(form.prompt(Administration().template), 1, prose_rate=1.0)
    assert not reply.startswith("(a)")
    assert all(answer.value is not None for answer in form.reader.read_sheet(reply, form.labels))


def test_biases_of_zero_change_no_probability() -> None:
    p = category_probabilities(0.7, 2.1, 0.1, 5, 1.0)
    assert biased(p, (4, 3, 2, 1, 0)) == pytest.approx(p)


# Draws


def test_the_same_request_gets_the_same_reply_whatever_was_asked_before() -> None:
    one, other = SimulatedRespondent(), SimulatedRespondent()
    requests = [Request.of(item(TALKATIVE), sampling=Sampling(1.0, seed=seed)) for seed in range(40)]
    forwards = [one.answer(request).text for request in requests]
    backwards = [other.answer(request).text for request in reversed(requests)]
    assert forwards == backwards[::-1]
    assert len(set(forwards)) > 1


def test_seeds_of_the_request_of_the_settings_and_replicates_are_draws_of_their_own() -> None:
    prompt = make_form(BFI, Administration()).prompt(Administration().template)
    plain = Request.of(prompt, sampling=Sampling(1.0, seed=0))
    replies = [
        SimulatedRespondent().answer(plain),
        SimulatedRespondent().answer(Request.of(prompt, sampling=Sampling(1.0, seed=1))),
        SimulatedRespondent(SimSettings(seed=1)).answer(plain),
        SimulatedRespondent().answer(Request.of(prompt, sampling=Sampling(1.0))),
        SimulatedRespondent().answer(Request.of(prompt, sampling=Sampling(1.0), replicate=1)),
    ]
    assert len({reply.text for reply in replies}) == len(replies)
    assert len({reply.request_id for reply in replies}) == len(replies)


def test_neighbouring_seeds_are_independent() -> None:
    values = np.array(list(map(int, drawn(item(TALKATIVE), 3000))), dtype=float)
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 0.06


def test_several_replies_of_one_request_are_different_draws() -> None:
    reply = SimulatedRespondent().answer(Request.of(item(TALKATIVE), sampling=Sampling(2.0, seed=0, n=40)))
    assert len(reply.alternatives) == 39
    assert len({reply.text, *reply.alternatives}) > 2


def test_the_global_generators_are_left_alone() -> None:
    random.seed(1)
    np.random.seed(1)  # the global one is what is watched
    before = random.getstate(), np.random.get_state()[1].tobytes()  # type: ignore[index]
    drawn(item(TALKATIVE), 20, noise=0.5, refusal_rate=0.5)
    drawn("Share a personal story in 100 words.", 5)
    after = random.getstate(), np.random.get_state()[1].tobytes()  # type: ignore[index]
    assert before == after
