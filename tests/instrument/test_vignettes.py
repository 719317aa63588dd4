"""Scenarios whose options are what one may do, and what is left of a choice when its place is averaged out."""

from __future__ import annotations

import re

import numpy as np
import pytest

from personae.instrument import (
    Administration,
    Format,
    Instrument,
    Licence,
    Option,
    Scale,
    administer,
    administer_over_orders,
    held_out,
    observer,
    score_scale,
)
from personae.instrument.scoring import Matrix
from personae.model import Request, ScriptedModel, open_model


def scenarios() -> Instrument:
    """Two scenarios of two and three options keyed to scales, and a statement with a response scale of its own."""
    party = (Option(value=0, label="I stay at home", keyed="quiet"), Option(value=1, label="I go", keyed="outgoing"))
    friend = (
        Option(value=0, label="I read a book", keyed="quiet"),
        Option(value=1, label="I phone a friend", keyed="outgoing"),
        Option(value=2, label="I meet many people", keyed="outgoing"),
    )
    degrees = (Option(value=1, label="Disagree"), Option(value=2, label="Neutral"), Option(value=3, label="Agree"))
    return Instrument(
        key="scenes",
        version="1",
        title="Scenes",
        citation="Example (2026)",
        language="en",
        licence=Licence(name="CC0-1.0", is_commercial_use_free=True),
        items={"party": "A friend gives a party.", "evening": "You have a free evening.", "talk": "I talk a lot."},
        formats=(
            Format(items=("party",), options=party),
            Format(items=("evening",), options=friend),
            Format(items=("talk",), options=degrees),
        ),
        scales=(
            Scale(key="outgoing", title="Outgoing", items=("party", "evening"), score="count"),
            Scale(key="quiet", title="Quiet", items=("party", "evening"), score="count"),
            Scale(key="talkative", title="Talkative", items=("talk",)),
        ),
    )


SCENES = scenarios()


def shown(request: Request) -> list[str]:
    return re.findall(r"^[A-Z0-9]+ = (.+)$", request.messages[-1].content, re.MULTILINE)


@pytest.mark.parametrize("mode", ["item_wise", "multi_turn", "all_in_one"])
async def test_each_scenario_is_shown_with_its_own_options(mode: str) -> None:
    replies = ["(a) B\n(b) C\n(c) A"] if mode == "all_in_one" else ["B", "C", "A"]
    model = ScriptedModel(replies)
    given = await administer(SCENES, model, Administration(mode=mode, option_marks="letters"))  # type: ignore[arg-type]
    assert given.values == [1, 2, 1]
    if mode == "item_wise":
        assert shown(model.requests[1]) == ["I read a book", "I phone a friend", "I meet many people"]


async def test_a_block_of_scenarios_is_read_by_the_options_of_each() -> None:
    how = Administration(mode="blocks", block_size=2, option_marks="letters", option_order="descending")
    given = await administer(SCENES, ScriptedModel(["(a) A\n(b) C", "(a) A"]), how)
    assert given.values == [1, 0, 3]


async def test_the_place_of_a_choice_is_averaged_out() -> None:
    model = ScriptedModel(lambda _: "A")
    how = Administration(mode="item_wise", option_marks="letters")
    found = await administer_over_orders(SCENES, model, how, plan="cyclic")
    assert len(found.given) == 3
    assert {item: one.answered for item, one in found.items.items()} == {"party": 2, "evening": 3, "talk": 3}
    assert found.items["party"].shares == {0: 0.5, 1: 0.5}
    assert found.values == [None, None, None]


async def test_whoever_reads_the_words_chooses_the_same_everywhere() -> None:
    def meets_people(request: Request) -> str:
        options = shown(request)
        wanted = next((one for one in ("I go", "I meet many people", "Agree") if one in options), "")
        return "ABC"[options.index(wanted)]

    how = Administration(mode="item_wise", option_marks="letters")
    for plan, orders in (("swap", 2), ("cyclic", 3), ("all", 6)):
        found = await administer_over_orders(SCENES, ScriptedModel(meets_people), how, plan=plan)
        assert len(found.given) == orders
        assert found.values == [1, 2, 3]
        assert all(one.agreement == 1 for one in found.items.values())
        matrix: Matrix = np.array([found.values], dtype=float)
        assert score_scale(matrix, SCENES, SCENES.scale("outgoing"))[0] == 2


async def test_sim_chooses_what_sounds_like_its_persona_and_tells_how_probable_each_choice_is() -> None:
    how = Administration(mode="item_wise", answering="continuation", option_marks="letters")
    means = []
    for words in ("extremely outgoing and sociable", "extremely shy and reserved"):
        given = await administer(SCENES, open_model("sim"), how, system=f"You are {words}.")
        means.append(given.distributions[2].mean)
        assert sum(given.distributions[1].probabilities.values()) == pytest.approx(1)
        assert set(given.distributions[1].probabilities) == {0, 1, 2}
    assert means[0] > means[1] + 0.5


async def test_distributions_are_averaged_over_the_orders_that_an_item_has() -> None:
    how = Administration(mode="item_wise", answering="first_token", option_marks="letters", orders="cyclic")
    given = await administer(SCENES, open_model("sim", {"order_bias": "2"}), how)
    assert [one.orders for one in given.distributions] == [2, 3, 3]
    assert given.distributions[0].order_gap > 0.1


async def test_an_observer_chooses_for_somebody_else() -> None:
    model = ScriptedModel(["A", "B", "C"])
    how = Administration(mode="item_wise", option_marks="letters")
    given = await administer(SCENES, model, how, respondent=observer("I love parties."))
    assert given.values == [0, 1, 3]


def test_scenarios_can_be_held_out() -> None:
    left = held_out(SCENES, ["party"])
    assert left.item_ids == ("evening", "talk")
    assert [one.items for one in left.formats] == [("evening",), ("talk",)]
    assert held_out(SCENES, ["party", "evening"]).scales[0].key == "talkative"
