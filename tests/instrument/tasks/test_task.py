"""Reading numbers and words out of replies; stimuli as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument.tasks import (
    Heard,
    Performed,
    association_stimuli,
    dilemma_stimuli,
    elicitation_stimuli,
    hear,
    knowledge_stimuli,
    list_stimuli,
    read_number,
    read_word,
    situation_stimuli,
    twin_stimuli,
)
from personae.model import FailureKind, Model, ProviderError, Reply, Request, Sampling, ScriptedModel


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("7", 7, "ok"),
        (" **7** ", 7, "ok"),
        ("I choose 7.", 7, "repaired"),
        ("7. I am sure that 7 is right.", 7, "repaired"),
        ("0", 0, "ok"),
        ("7 or 8", None, "unparsed"),
        ("33", None, "unparsed"),
        ("-1", None, "unparsed"),
        ("seven", None, "unparsed"),
        ("I'm sorry, but I can't answer that.", None, "refused"),
        ("50%", None, "unparsed"),
    ],
)
def test_one_number_is_read_and_nothing_is_guessed(text: str, value: float | None, status: str) -> None:
    assert read_number(Heard(text, "ok"), 0, 32) == (value, status)


@given(st.integers(0, 32))
def test_every_number_in_range_is_read_as_it_is_written(number: int) -> None:
    assert read_number(Heard(str(number), "ok"), 0, 32) == (number, "ok")


@given(st.text(max_size=200))
def test_no_text_breaks_the_readers(text: str) -> None:
    number, _ = read_number(Heard(text, "ok"), 0, 10)
    assert number is None or 0 <= number <= 10
    word, _ = read_word(Heard(text, "ok"), ("yes", "no"))
    assert word in ("yes", "no", None)


@pytest.mark.parametrize(
    ("text", "word", "status"),
    [
        ("no", "no", "ok"),
        ("YES!", "yes", "ok"),
        ("I would say no", "no", "repaired"),
        ("Yes, there is no other way.", "yes", "repaired"),
        ("yes and no", None, "unparsed"),
        ("I know nothing", None, "unparsed"),
        ("not yes", None, "unparsed"),
        ("As an AI language model, I have no opinion", "no", "repaired"),
    ],
)
def test_one_word_is_read(text: str, word: str | None, status: str) -> None:
    assert read_word(Heard(text, "ok"), ("yes", "no")) == (word, status)


async def test_a_call_that_fails_is_a_status_and_a_hopeless_one_ends_the_run() -> None:
    class Broken:
        name = "broken"

        def __init__(self, kind: FailureKind) -> None:
            self.kind = kind

        async def generate(self, request: Request) -> Reply:
            raise ProviderError(self.kind, "does not work", model="broken")

    heard = await hear(Broken("timeout"), "Well?", "", Sampling())
    assert (heard.status, heard.text) == ("failed", "")
    assert "does not work" in heard.detail
    with pytest.raises(ProviderError):
        await hear(Broken("authentication"), "Well?", "", Sampling())


async def test_a_refusal_field_and_an_empty_reply_have_their_status() -> None:
    declines: Model = ScriptedModel([Reply("", refusal="I would rather not."), Reply("  ")])
    assert (await hear(declines, "a", "", Sampling())).status == "refused"
    assert (await hear(declines, "b", "", Sampling())).status == "empty"


def test_what_was_performed_becomes_columns() -> None:
    done = Performed({"chosen": [1, None]}, ("ok", "refused"))
    assert done.status == "refused"
    assert done.columns("cards") == {"cards.chosen": [1, None], "cards.statuses": ["ok", "refused"]}


def test_every_file_of_the_library_says_whose_words_it_holds() -> None:
    found = [
        association_stimuli(),
        dilemma_stimuli(),
        elicitation_stimuli(),
        knowledge_stimuli(),
        situation_stimuli(),
        twin_stimuli(),
    ]
    assert {one.key for one in found} <= set(list_stimuli())
    for one in found:
        assert one.origin == "ours"
        assert one.licence == "CC0-1.0"
        assert one.source
        assert len(one.hash) == 64


def test_a_changed_word_changes_the_hash_and_a_note_does_not() -> None:
    stimuli = dilemma_stimuli()
    first = stimuli.dilemmas[0]
    other = first.model_copy(update={"question": "Should you?"})
    changed = stimuli.model_copy(update={"dilemmas": (other, *stimuli.dilemmas[1:])})
    assert changed.hash != stimuli.hash
    assert stimuli.model_copy(update={"notes": "another"}).hash == stimuli.hash


def test_a_file_of_the_user_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    head = 'key = "mine"\nversion = "1"\ntitle = "Mine"\nsource = "me"\nlicence = "CC0-1.0"\norigin = "user"\n'
    row = '[[dilemmas]]\nkey = "{}"\ncategory = "c"\nscenario = "s"\nquestion = "q"\n'
    path.write_text(head + row.format("a") + row.format("b"), encoding="utf-8")
    assert [one.key for one in dilemma_stimuli(path).dilemmas] == ["a", "b"]
    path.write_text(head + row.format("a"), encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.toml: dilemmas"):
        dilemma_stimuli(path)
    path.write_text("key = ", encoding="utf-8")
    with pytest.raises(InputError, match="is not TOML"):
        dilemma_stimuli(path)
    with pytest.raises(InputError, match="cannot be read"):
        dilemma_stimuli(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="the library has"):
        dilemma_stimuli("absent")
