"""A policy is aligned with the target: is it right about questions of groups and problems that it has not seen?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personae.canonical import derive_seed
from personae.papers.fair_pp.answers import IN_ROLE, NOBODY, TRAINED, Answers
from personae.papers.fair_pp.distances import differing, differing_from_all, js_between, js_to_all
from personae.papers.fair_pp.policy import choices, features_of, fit_base, fit_dpo, fit_sft
from personae.papers.fair_pp.segments import KEYS
from personae.papers.fair_pp.settings import FairSettings
from personae.papers.fair_pp.weights import NO_ANSWER, tier_weights, tiers_of
from personae.stats import mcnemar, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_APART = 4
"""Tier from which an item sets the target apart: at least three of six others differ."""
_LEAST_TRAIN, _LEAST_TEST = 5, 3


@dataclass(frozen=True)
class _Task:
    """Answers in one of the two readings, with the target and the items that are trained on and tested."""

    codes: Ints
    target: int
    tiers: Ints
    train: Bools
    test: Bools

    @property
    def others(self) -> list[Ints]:
        """Answers of the six others to the test items."""
        return [self.codes[place, self.test] for place in range(len(KEYS)) if place != self.target]


def align(answers: Answers, settings: FairSettings, subject: str) -> Iterator[Finding]:
    """Accuracy and distances of all methods, and what weighting gains over each."""
    target = settings.target - 1
    tests = answers.tests(settings.test_share)
    x = features_of(answers.questions)
    for way, codes in ((AS_PUBLISHED, answers.published), (CORRECTED, answers.sides)):
        known = codes[target] != NO_ANSWER
        task = _Task(
            codes,
            target,
            tiers_of(codes[: len(KEYS)], target, as_published=way == AS_PUBLISHED),
            known & ~tests,
            known & tests,
        )
        if task.train.sum() < _LEAST_TRAIN or task.test.sum() < _LEAST_TEST:
            continue
        chosen = _answers_by_method(answers, x, task, settings)
        for method, given in chosen.items():
            yield from _measured(answers, task, method, given, way, subject)
        right = {method: given == codes[target] for method, given in chosen.items()}
        for other in (one for one in chosen if one != "wdpo"):
            pairs = (("wdpo", other), (other, "wdpo"))
            won, lost = (int((right[first] & ~right[second] & task.test).sum()) for first, second in pairs)
            gain = mcnemar(won, lost, n=int(task.test.sum()))
            name, unit = f"gain.wdpo_over_{other}", "share of test items"
            yield Finding.of(name, subject, gain, unit=unit, conventions=(way,), family=f"gain, {way}")


def trained(answers: Answers, subject: str) -> Iterator[Finding]:
    """Accuracy and distances of models that somebody trained, on the items that were put to them."""
    for number, who in enumerate(answers.who):
        if not who.startswith(TRAINED):
            continue
        target = int(who[len(TRAINED)]) - 1
        for way, codes in ((AS_PUBLISHED, answers.published), (CORRECTED, answers.sides)):
            known = (codes[target] != NO_ANSWER) & answers.asked[number]
            if known.any():
                tiers = tiers_of(codes[: len(KEYS)], target, as_published=way == AS_PUBLISHED)
                yield from _measured(
                    answers, _Task(codes, target, tiers, ~known, known), who, codes[number], way, subject
                )


def _answers_by_method(
    answers: Answers, x: NDArray[np.float64], task: _Task, settings: FairSettings
) -> dict[str, Ints]:
    """What the model answers by itself and in the role, and what a policy answers after each way of training."""
    own_words = (name for name in answers.others if name != NOBODY and not name.endswith(IN_ROLE))
    model = next((name for name in own_words if not name.startswith(TRAINED)), NOBODY)
    table = tier_weights(task.tiers[task.train], alpha=settings.alpha, beta=settings.beta)
    weights = np.array([table[tier] for tier in task.tiers[task.train].tolist()])
    start = np.zeros(x.shape[1])
    found: dict[str, Ints] = {}
    own = answers.row(model)
    if own is not None:
        said = (task.codes[own] != NO_ANSWER) & ~task.test
        start = fit_base(x[said], task.codes[own, said] == 0) if said.any() else start
    found["base"] = choices(x, start)
    in_role = answers.row(f"{model}{IN_ROLE}")
    if in_role is not None:
        found["role_play"] = task.codes[in_role]
    seen, prefers = x[task.train], task.codes[task.target, task.train] == 0
    rng = np.random.default_rng(derive_seed(0, "alignment"))
    policies = {
        "sft": fit_sft(seen, prefers, start),
        "dpo": fit_dpo(seen, prefers, start),
        "wdpo": fit_dpo(seen, prefers, start, weights),
        "wdpo_shuffled": fit_dpo(seen, prefers, start, rng.permutation(weights)),
    }
    return found | {method: choices(x, theta) for method, theta in policies.items()}


def _measured(answers: Answers, task: _Task, method: str, given: Ints, way: str, subject: str) -> Iterator[Finding]:
    """Accuracy; distance to the target, which is to be small, and to the six others, which is to be large."""
    right = given == task.codes[task.target]
    for name, items in (("accuracy", task.test), ("accuracy_apart", task.test & (task.tiers >= _APART))):
        share = proportion(int(right[items].sum()), int(items.sum()))
        yield Finding.of(f"{name}.{method}", subject, share, unit="share of test items", conventions=(way,))
    mine, wanted = given[task.test], task.codes[task.target, task.test]
    if way == AS_PUBLISHED:
        unit = "JS distance"
        near = js_between(mine, wanted, f"target {method}")
        far = js_to_all(mine, task.others, f"others {method}")
    else:
        unit = "share of test items"
        places = [place for place, is_in in zip(answers.places, task.test.tolist(), strict=True) if is_in]
        near = differing(mine, wanted, places)
        far = differing_from_all(mine, task.others, places)
    yield Finding.of(f"to_target.{method}", subject, near, unit=unit, conventions=(way,))
    yield Finding.of(f"to_others.{method}", subject, far, unit=unit, conventions=(way,))
