"""Where the simulated respondent stands on what is fair: read of a description, and told by its answers alone."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from personae.model import Request
from personae.papers.fair_pp.questions import built_in_questions, spread
from personae.papers.fair_pp.segments import SEGMENTS
from personae.respondent import SimSettings, SimulatedRespondent
from personae.respondent.equity import equity_poles, equity_stance, equity_utilities, with_stance

OPPOSITIONS = ("sharing", "help", "together", "custom", "law")


def share_of_b(system: str, a: str, b: str, settings: SimSettings = SimSettings()) -> float:  # noqa: B008  # frozen
    sim = SimulatedRespondent(settings)
    prompt = f"What is fair?\nA. {a}\nB. {b}\n\nAnswer with the letter of one of them and nothing else."

    async def ask() -> Counter[str]:
        return Counter(
            [(await sim.generate(Request.of(prompt, system=system, replicate=number))).text for number in range(200)]
        )

    counts = asyncio.run(ask())
    assert set(counts) <= {"A", "B"}
    return counts["B"] / 200


def test_all_questions_by_rule_have_two_sides_of_their_dimension() -> None:
    for one in spread(built_in_questions(), 980):
        poles = equity_poles((one.a, one.b))
        wanted = f"equity.{OPPOSITIONS[one.place.dimension - 1]}"
        assert poles == ((wanted, -1), (wanted, 1)), one
        assert equity_poles((one.b, one.a)) == ((wanted, 1), (wanted, -1))


def test_every_segment_stands_somewhere_and_no_two_alike() -> None:
    stances = [equity_stance(one.portrait) for one in SEGMENTS]
    assert all(len(one) >= 3 for one in stances)
    assert len(set(stances)) == len(SEGMENTS)
    assert not equity_stance("You are a helpful assistant.")


@pytest.mark.parametrize("is_swapped", [False, True])
def test_an_answer_follows_the_person_whatever_the_order(is_swapped: bool) -> None:
    sides = ("Custom and tradition.", "Whether it is fair to all.")
    a, b = sides[::-1] if is_swapped else sides
    traditional = share_of_b("You love the monarchy and the heritage of your country.", a, b)
    open_minded = share_of_b("Openness and diversity are dear to you.", a, b)
    if is_swapped:
        traditional, open_minded = 1 - traditional, 1 - open_minded
    assert traditional < 0.25
    assert open_minded > 0.75
    assert 0.4 < share_of_b("", a, b) < 0.6


def test_a_persona_without_effect_is_nobody() -> None:
    system = "You love the monarchy and the heritage of your country."
    found = share_of_b(system, "Custom and tradition.", "It is fair.", SimSettings(persona_effect=0.0))
    assert 0.4 < found < 0.6


def test_other_answers_and_unknown_people_are_left_alone() -> None:
    assert equity_poles(("One.", "Two.", "Three.")) is None
    assert equity_poles(("By law.", "By the law of the land.")) is None
    assert equity_utilities(("People's conscience.", "The law."), {}) is None
    assert equity_utilities(("The law.", "Conscience."), {"equity.law": 1.5}) == [1.5, -1.5]
    assert with_stance({"a": 1.0}, "You are tall.") == {"a": 1.0}
    assert with_stance({"a": 1.0}, "You want order.", 0.5) == {"a": 1.0, "equity.law": 0.5}
