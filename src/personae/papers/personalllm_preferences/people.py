"""People whom the model plays for comparison: facts crossed, one sentence each."""

from __future__ import annotations

import itertools

_AGES = ("23", "41", "68")
_SEXES = ("man", "woman")
_WORK = ("a nurse", "a farmer", "a lawyer", "a driver", "a teacher")
_PLACES = ("a large city", "a village")
_VIEWS = ("rather conservative", "rather liberal")


def _crossed() -> tuple[str, ...]:
    every = list(itertools.product(_VIEWS, _SEXES, _AGES, _PLACES, _WORK))
    order = [(place * 53) % len(every) for place in range(len(every))]  # 53 and 120 share no factor: each comes once
    return tuple(
        f"a {age}-year-old {sex}, {work} in {where}, {views} in politics."
        for views, sex, age, where, work in (every[place] for place in order)
    )


PEOPLE = _crossed()
"""120 people of different age, sex, work, home and views, so mixed that the first twelve differ in all of them."""
