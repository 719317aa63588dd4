"""What the respondent does in a behavioural task: links between trait and behaviour that are planted, and can be cut.

``behaviour_link`` scales all of them: at 1 behaviour follows the traits that questionnaires find, at 0 it does not
depend on them at all, which plants the dissociation of self-report and behaviour, and below 0 it contradicts them. The
weights are conventions, with the signs that studies of people report; they claim no size.
"""

from __future__ import annotations

import math
import random
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache

from personae.instrument.tasks import (
    Round,
    association_stimuli,
    best_cards,
    is_right,
    knowledge_stimuli,
    rate_of,
)
from personae.respondent.acting import step_towards
from personae.respondent.graded import biased, draw
from personae.respondent.settings import SimSettings

Traits = Mapping[str, float]

RISK = {"extraversion": 0.5, "openness": 0.3, "agreeableness": -0.3, "conscientiousness": -0.7}
"""Weights of taking risks."""
PATIENCE = {"conscientiousness": 1.0}
"""Weights of waiting for the larger reward, and of taking on the harder task."""
FAIRNESS = {"openness": 0.5, "agreeableness": 0.5}
"""Weights of giving out words without regard to stereotypes."""
CONFIDENCE = {"extraversion": 0.5, "neuroticism": -0.5}
"""Weights of being surer than one may be."""
STEADINESS = {"conscientiousness": 1.0}
"""Weights of saying the same confidence twice."""
COMPLIANCE = {"agreeableness": 1.0}
"""Weights of bending to the opinion of somebody else."""

_CARDS = re.compile(r"\bcards?\b", re.I)
_HOW_MANY = re.compile(r"\bhow many cards\b", re.I)
_TOTAL = re.compile(r"\b(\d{1,3})\b[^.\d]{0,20}\bcards\b", re.I)
_WORTH = re.compile(r"\b(\d{1,3})\b[^\d.+−-]{1,60}([+−-])(\d{1,5})\b")
_OPTION = r"^\W{{0,2}}{mark}[.:)]\s*(?P<{name}>[^\n]+)$"
_PAIR = re.compile(
    _OPTION.format(mark="A", name="a") + r"\s+" + _OPTION.format(mark="B", name="b"), re.MULTILINE | re.IGNORECASE
)
_NOW = re.compile(r"\$(\d{1,5}) (?:today|now)\b", re.I)
_LATER = re.compile(r"\$(\d{1,5}) in (\d{1,4}) days?\b", re.I)
_CHANCE = re.compile(r"\bchance of (\d{1,3})\b", re.I)
_EFFORT = re.compile(r"\b(?P<kind>easy|hard)\b[^\n$]{0,120}\$(?P<reward>\d{1,3}(?:\.\d\d)?)", re.I)
_GROUPS = (
    re.compile(r"write either [\"“](?P<a>[^\"”\n]{1,60})[\"”] or [\"“](?P<b>[^\"”\n]{1,60})[\"”]", re.I),
    re.compile(r"assign one of (?P<a>[^\n]{1,60}?) or (?P<b>[^\n]{1,60}?) to each", re.I),
)
_WORDS = re.compile(r"(?:list of words:|the words are)\s*(?P<words>[^.\n]{3,2000})", re.I)
_KNOWLEDGE = re.compile(r"^\s*Question:\s*(?P<question>[^\n]+)", re.I | re.M)
_GIVEN = re.compile(r"^\s*Answer(?: given)?:\s*(?P<answer>[^\n]+)", re.I | re.M)
_CONFIDENT = re.compile(r"\b(?:confiden\w+|how sure)\b", re.I)
_DILEMMA = re.compile(r"\bmoral dilemma\b", re.I)
_OPINION = re.compile(r"\bI would say (?P<side>yes|no)\b", re.I)

_LEAST_TEMPERATURE = 0.05


def behave(prompt: str, traits: Traits, settings: SimSettings, temperature: float, rng: random.Random) -> str | None:
    """Act in the task that a prompt puts; ``None`` if it puts none that is known.

    Example:
        >>> ask = "32 cards lie face down. 31 give +30 points, 1 gives -250 points. How many cards do you turn over?"
        >>> bold, careful = ({"big_five.conscientiousness": z} for z in (-2.0, 2.0))
        >>> [behave(ask, traits, SimSettings(), 0.0, random.Random(1)) for traits in (bold, careful)]
        ['27', '10']
    """
    for act in (_cards, _delay, _effort, _associate, _know, _decide, _scene):
        found = act(prompt, traits, settings, temperature, rng)
        if found is not None:
            return found
    return None


def leaning(traits: Traits, weights: Mapping[str, float], settings: SimSettings) -> float:
    """The weighted sum of traits, scaled by the link."""
    return settings.behaviour_link * sum(w * traits.get(f"big_five.{name}", 0.0) for name, w in weights.items())


def _cards(prompt: str, traits: Traits, settings: SimSettings, temperature: float, rng: random.Random) -> str | None:
    if not _HOW_MANY.search(prompt):
        return None
    total = _TOTAL.search(prompt)
    worth = {sign: (int(count), int(points)) for count, sign, points in _WORTH.findall(prompt.replace("−", "-"))}
    if total is None or {"+", "-"} - set(worth):
        return None
    most = int(total[1])
    if rng.random() < settings.noise:
        return str(rng.randrange(most + 1))
    one = Round(worth["-"][0], worth["+"][1], worth["-"][1])
    centre = 7.0 + 0.5 * best_cards(one) + 6.0 * leaning(traits, RISK, settings)
    chosen = centre + rng.gauss(0.0, 2.0) * math.sqrt(temperature)
    return str(max(0, min(most, round(chosen))))


def _delay(prompt: str, traits: Traits, settings: SimSettings, temperature: float, rng: random.Random) -> str | None:
    pair = _PAIR.search(prompt)
    now, later = (_NOW.search(prompt), _LATER.search(prompt)) if pair else (None, None)
    if pair is None or now is None or later is None:
        return None
    rate = max(1e-6, rate_of(int(now[1]), int(later[1]), int(later[2])))
    own = math.log(0.01) - 1.5 * leaning(traits, PATIENCE, settings)
    is_second = _LATER.search(pair["b"]) is not None
    return _of_two(1.5 * (math.log(rate) - own), is_second, settings, temperature, rng)


def _effort(prompt: str, traits: Traits, settings: SimSettings, temperature: float, rng: random.Random) -> str | None:
    chance, pair = _CHANCE.search(prompt), _PAIR.search(prompt)
    if chance is None or pair is None:
        return None
    rewards = {found["kind"].lower(): float(found["reward"]) for found in _EFFORT.finditer(prompt)}
    if {"easy", "hard"} - set(rewards):
        return None
    gain = int(chance[1]) / 100.0 * (rewards["hard"] - rewards["easy"])
    logit = 1.5 * gain - 1.5 + 1.2 * leaning(traits, PATIENCE, settings)
    return _of_two(logit, "hard" in pair["b"].lower(), settings, temperature, rng)


def _of_two(logit: float, is_second: bool, settings: SimSettings, temperature: float, rng: random.Random) -> str:
    """Choose A or B, where the logit is for the alternative that stands second or first."""
    p = 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, logit))))
    listed = [1.0 - p, p] if is_second else [p, 1.0 - p]
    found = biased(listed, (0, 1), order_bias=settings.order_bias, noise=settings.noise, temperature=temperature)
    return "AB"[draw(found, rng.random())]


def _associate(
    prompt: str, traits: Traits, settings: SimSettings, temperature: float, rng: random.Random
) -> str | None:
    groups = next((found for pattern in _GROUPS if (found := pattern.search(prompt))), None)
    listed = _WORDS.search(prompt)
    if groups is None or listed is None:
        return None
    a, b = groups["a"].strip(), groups["b"].strip()
    sets = _stereotypes().get((a.casefold(), b.casefold()), {})
    logit = 1.0 - 1.2 * leaning(traits, FAIRNESS, settings)
    lines = []
    for word in (part.strip() for part in listed["words"].split(",")):
        side = sets.get(word.casefold())
        if side is None or rng.random() < settings.noise:
            lines.append(f"{word} - {rng.choice((a, b))}")
            continue
        p = 1.0 / (1.0 + math.exp(-logit / max(_LEAST_TEMPERATURE, temperature)))
        follows = rng.random() < p
        lines.append(f"{word} - {(a, b)[side if follows else 1 - side]}")
    return "\n".join(lines)


@lru_cache(maxsize=1)
def _stereotypes() -> dict[tuple[str, str], dict[str, int]]:
    """Which of two group labels each word of the library's lists belongs to."""
    known: dict[tuple[str, str], dict[str, int]] = {}
    for test in association_stimuli().tests:
        sides = {**{word.casefold(): 0 for word in test.words_a}, **{word.casefold(): 1 for word in test.words_b}}
        for a in test.a:
            for b in test.b:
                # Several tests have the same groups, with other words.
                known.setdefault((a.casefold(), b.casefold()), {}).update(sides)
    return known


def _know(prompt: str, traits: Traits, settings: SimSettings, temperature: float, rng: random.Random) -> str | None:
    question = _KNOWLEDGE.search(prompt)
    if question is None or not _CONFIDENT.search(prompt):
        return None
    known = _questions().get(question["question"].strip())
    given = _GIVEN.search(prompt)
    is_first = re.search(r"^\s*Confidence:", prompt, re.I | re.M) is not None
    if is_first or given is None:
        difficulty = known[1] if known else 5
        knows = known is not None and rng.random() < 1.0 / (1.0 + math.exp(-(3.0 - 0.9 * difficulty)))
        answer = known[0][0] if known and knows else rng.choice(("Ruritania", "Zembla", "Laputa"))
        spread = 0.03
    else:
        answer = given["answer"].strip()
        knows = known is not None and is_right(answer, known[0])
        spread = 0.03 + 0.10 * math.exp(-0.8 * leaning(traits, STEADINESS, settings))
    # Sure of what is known, half sure of what is not: over-confident on the whole, as people are on hard questions.
    sure = (0.85 if knows else 0.5) + 0.12 * leaning(traits, CONFIDENCE, settings)
    sure += rng.gauss(0.0, spread) * math.sqrt(temperature)
    step = max(0, min(10, round(10.0 * sure)))
    return f"Answer: {answer}\nConfidence: {step}" if is_first else str(step)


@lru_cache(maxsize=1)
def _questions() -> dict[str, tuple[tuple[str, ...], int]]:
    return {one.question: (one.answers, one.difficulty) for one in knowledge_stimuli().questions}


def _decide(prompt: str, traits: Traits, settings: SimSettings, temperature: float, rng: random.Random) -> str | None:
    if not _DILEMMA.search(prompt) or not re.search(r"[\"'“‘]yes[\"'”’]", prompt):
        return None
    opinion = _OPINION.search(prompt)
    bare = re.sub(r"\s+", " ", re.sub(r"[^\n]*\bI would say\b[^\n]*", "", prompt))
    # What is found ethical depends on the dilemma, not on traits; a crc spreads it over both answers.
    logit = 2.0 * (1.0 if zlib.crc32(bare.encode()) % 2 else -1.0)
    if opinion is not None:
        pull = 1.5 + 2.0 * leaning(traits, COMPLIANCE, settings)
        logit += pull if opinion["side"].lower() == "yes" else -pull
    p = 1.0 / (1.0 + math.exp(-logit))
    found = biased([p, 1.0 - p], (0, 1), noise=settings.noise, temperature=temperature)
    return ("yes", "no")[draw(found, rng.random())]


def _scene(prompt: str, traits: Traits, settings: SimSettings, temperature: float, rng: random.Random) -> str | None:
    pair = _PAIR.search(prompt)
    if pair is None or not re.search(r"\b1\b[^.\n]{0,30}\bcertainly A\b", prompt):
        return None
    found = step_towards(pair["a"], pair["b"], traits, settings, temperature)
    return str(1 + draw(found, rng.random()))
