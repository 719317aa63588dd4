"""Items that a persona was told are not scored."""

from __future__ import annotations

import pytest

from personae.errors import InputError
from personae.instrument import administer, held_out, items_within, load_instrument, refuse_overlap
from personae.model import ScriptedModel
from support.questionnaires import small_instrument

SMALL = small_instrument()


async def test_items_of_the_persona_are_named_and_nobody_is_asked() -> None:
    model = ScriptedModel(["(a) 1"])
    with pytest.raises(InputError, match="2, 4"):
        await administer(SMALL, model, system="You are silent.", conditioned_on=["2", "4"])
    assert model.requests == []


def test_items_of_another_form_are_known_by_their_words() -> None:
    with pytest.raises(InputError, match=r"small: .*items that are scored: 3"):
        refuse_overlap(SMALL, {"17": "I see myself as CALM."})
    with pytest.raises(InputError, match=r"scored: 4\b"):
        refuse_overlap(SMALL, {"17": "I worry"})  # another wording of the item
    refuse_overlap(SMALL, {"3": "I see myself as tall."})  # another item of the same number


def test_two_forms_of_one_questionnaire_overlap() -> None:
    short, long = load_instrument("mini-ipip-20"), load_instrument("ipip-bffm-50")
    with pytest.raises(InputError, match=r"and [0-9]+ more"):
        refuse_overlap(short, long.items)


async def test_what_was_held_out_may_be_scored() -> None:
    left = held_out(SMALL, ["2", "3"])
    assert left.item_ids == ("1", "4")
    assert [(scale.key, scale.items, scale.reverse) for scale in left.scales] == [
        ("friendly", ("1",), ()),
        ("loudness", ("1",), ()),
        ("stability", ("4",), ("4",)),
    ]
    assert left.texts("plain") == {"1": "I talk much.", "4": "I worry."}
    given = await administer(left, ScriptedModel(["(a) 5\n(b) 1"]), conditioned_on=["2", "3"])
    assert given.values == [5, 1]


def test_a_scale_without_items_is_gone_and_no_scale_lies_within_it() -> None:
    left = held_out(SMALL, ["1", "2"])
    assert [scale.key for scale in left.scales] == ["stability"]


@pytest.mark.parametrize(("items", "said"), [(["1", "2", "3", "4"], "no item is left"), (["9"], "no items 9")])
def test_what_cannot_be_held_out_is_refused(items: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        held_out(SMALL, items)


def test_items_in_a_prompt_are_found_by_their_words() -> None:
    neo = load_instrument("mini-ipip-20")
    item, text = next(iter(neo.items.items()))
    assert items_within(neo, f"You are Ada. {text.upper()} You like tea.") == [item]
    assert items_within(neo, "You are Ada.") == []
    assert items_within(SMALL, "You are calm and loud.") == []  # a word alone describes anybody
