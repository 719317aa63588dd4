"""What an editor offers: traits that have words, and facets that an instrument measures."""

from __future__ import annotations

from personae.persona import BIG_FIVE, Persona, render
from personae.serve.preview import known_traits, trait_rows


def test_the_big_five_come_first_and_each_has_its_six_facets() -> None:
    rows = known_traits()
    assert [row["key"] for row in rows[:5]] == list(BIG_FIVE)
    for domain in BIG_FIVE:
        assert len([row for row in rows if row["parent"] == domain]) == 6
    assert len({row["key"] for row in rows}) == len(rows)


def test_whatever_is_offered_can_be_said() -> None:
    for row in known_traits():
        persona = Persona(name="Ada", traits={row["key"]: 1.5})
        assert render(persona, "second-person").text != render(Persona(name="Ada"), "second-person").text
        (said,) = trait_rows(persona)
        assert (said["key"], said["level"]) == (row["key"], 8)
