"""How many items a second the simulated respondent answers on one core: ``python benchmarks/respondent.py``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np

from personae.instrument import Administration, load_instrument, make_form
from personae.model import Message, Request, Sampling
from personae.persona import BIG_FIVE, Persona, render
from personae.respondent import SimulatedRespondent

ITEMS = 44
TEMPERATURE = 0.7


def personas(count: int, seed: int) -> list[str]:
    """System messages of a population: continuous traits through the nine-level renderer."""
    rng = np.random.default_rng(seed)
    return [
        render(Persona(traits=dict(zip(BIG_FIVE, map(float, row), strict=True))), "nine-level").text
        for row in rng.normal(size=(count, len(BIG_FIVE)))
    ]


def asked(system: str, prompt: str, seed: int) -> Request:
    return Request((Message("system", system), Message("user", prompt)), Sampling(temperature=TEMPERATURE, seed=seed))


def at_once(systems: list[str]) -> Iterator[tuple[Request, int]]:
    """The whole questionnaire in one prompt, printed order: one call a persona."""
    how = Administration()
    form = make_form(load_instrument("bfi-44"), how)
    for seed, system in enumerate(systems):
        yield asked(system, form.prompt(how.template), seed), ITEMS


def shuffled(systems: list[str]) -> Iterator[tuple[Request, int]]:
    """The same with the items in a new order for every persona, so that no prompt is ever seen twice."""
    how = Administration(item_order="shuffled")
    instrument, rng = load_instrument("bfi-44"), np.random.default_rng(1)
    for seed, system in enumerate(systems):
        yield asked(system, make_form(instrument, how, rng).prompt(how.template), seed), ITEMS


def one_by_one(systems: list[str]) -> Iterator[tuple[Request, int]]:
    """Every item in a call of its own."""
    how = Administration(mode="item_wise")
    form = make_form(load_instrument("bfi-44"), how)
    for seed, system in enumerate(systems):
        for index in range(ITEMS):
            yield asked(system, form.prompt(how.template, index), seed), 1


def items_per_second(calls: list[tuple[Request, int]]) -> float:
    """Answer all calls once, in the order given; making the prompts is not counted."""
    respondent = SimulatedRespondent()
    started = time.perf_counter()
    for request, _ in calls:
        respondent.answer(request)
    return sum(items for _, items in calls) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--personas", type=int, default=1000, help="how many different people are asked")
    count = parser.parse_args().personas
    # The library is read once in a process; it is not what is measured.
    SimulatedRespondent().answer(next(at_once(personas(1, 0)))[0])
    ways = {
        "all at once": (at_once(personas(count, 1)), "a new persona every call, one prompt"),
        "all at once, shuffled": (shuffled(personas(count, 2)), "a new persona and a new prompt every call"),
        "one by one": (one_by_one(personas(count // 5, 3)), "a new item every call, a new persona every 44"),
    }
    for name, (calls, varied) in ways.items():  # everybody is new to the respondent in every way of asking
        made = list(calls)
        print(f"{name:24}{items_per_second(made):>10,.0f} items/s  {len(made):>6,} calls: {varied}")


if __name__ == "__main__":
    main()
