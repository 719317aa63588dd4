from __future__ import annotations

import string
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.text import PUNCTUATION_KINDS, count_punctuation, sentences, tokenize

TRICKY = st.text(alphabet="aBzÉ\u0301ΣßIiİ19.,!?…。'’‘´\u1ffd-–_ \t\n\"”()*•\u200d\u00ad\ufe0f😊ｍनि", max_size=60)
ANY_TEXT = st.one_of(st.text(max_size=80), TRICKY)

ONE_MEGABYTE = 1_000_000
HOSTILE = {
    "one letter": "a",
    "one digit": "7",
    "periods": ".",
    "spaced periods": ". ",
    "periods on lines": ".\n",
    "exclamations": "!",
    "apostrophes": "'",
    "letters and apostrophes": "a'",
    "spaces": " ",
    "line breaks": "\n",
    "line breaks and spaces": "\n ",
    "decimals": "1.",
    "closing quotes": '."',
    "one-letter sentences": "a. ",
    "titles": "Mr. ",
    "list lines": "\n- a",
    "emoji": "😊",
    "accents": "e\u0301",
    "bare accents": "\u0301",
    "accents out of order": "\u0301\u0316",
    "vowel signs that fall apart": "\u0f73",
    "hyphens": "-",
    "brackets": "(",
}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cat sat.", ["the", "cat", "sat"]),
        ("I’m, I'm, I‘m, I`m, I´m, Iʼm", ["i'm"] * 6),
        ("'tis the dogs' rock 'n' roll", ["tis", "the", "dogs", "rock", "n", "roll"]),
        ("couldn't've", ["couldn't've"]),
        ("a well-being—like, so-called", ["a", "well", "being", "like", "so", "called"]),
        ("in 1999 he paid $1,000.50 for 3 of 21st", ["in", "1999", "he", "paid", "1,000.50", "for", "3", "of", "21st"]),
        ("It was 5. Then, 6,", ["it", "was", "5", "then", "6"]),
        ("😊 no 👍🏽 words 1️⃣ ❤️", ["no", "words", "1"]),
        ("snake_case _emphasis_ **bold**", ["snake", "case", "emphasis", "bold"]),
        ("Straße ÉTÉ naïve Ελλάδα Привет", ["straße", "été", "naïve", "ελλάδα", "привет"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("co\u00adoperate zero\u200bwidth join\u200der", ["cooperate", "zero", "width", "joiner"]),
        ("... !!! ---", []),
        ("", []),
    ],
)
def test_words_are_split_by_the_stated_rules(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


def test_composed_and_decomposed_spelling_give_the_same_token() -> None:
    assert tokenize("re\u0301sume\u0301") == tokenize("résumé") == ["résumé"]


def test_rows_of_marks_are_cut_at_thirty() -> None:
    assert tokenize("q" + "\u0316" * 40 + " b") == ["q" + "\u0316" * 30, "b"]
    zalgo = tokenize("z" + "\u0f73\u0301\u0316" * 40)
    assert tokenize(" ".join(zalgo)) == zalgo
    assert len(zalgo[0]) <= 31


@given(ANY_TEXT)
def test_tokens_joined_by_spaces_give_the_same_tokens(text: str) -> None:
    tokens = tokenize(text)
    assert tokenize(" ".join(tokens)) == tokens


@given(ANY_TEXT)
def test_a_token_is_lower_case_and_begins_with_a_letter_or_digit(text: str) -> None:
    for token in tokenize(text):
        assert token == token.lower()
        assert token[0].isalnum()
        assert not any(sign.isspace() for sign in token)


@given(ANY_TEXT, ANY_TEXT)
def test_texts_joined_by_a_space_have_the_tokens_of_both(first: str, second: str) -> None:
    assert tokenize(f"{first} {second}") == tokenize(first) + tokenize(second)


@given(st.text(alphabet=string.printable, max_size=80))
def test_case_makes_no_difference(text: str) -> None:
    assert tokenize(text.upper()) == tokenize(text)


@given(ANY_TEXT)
def test_canonically_equivalent_texts_have_equal_tokens(text: str) -> None:
    assert tokenize(unicodedata.normalize("NFD", text)) == tokenize(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It rained. We stayed in! Why not?", ["It rained.", "We stayed in!", "Why not?"]),
        ("No stop at the end", ["No stop at the end"]),
        ("Mr. and Mrs. Dr. Smith met Prof. Lee.", ["Mr. and Mrs. Dr. Smith met Prof. Lee."]),
        ("Fruit, e.g. Apples, i.e. These.", ["Fruit, e.g. Apples, i.e. These."]),
        ("It cost 3.50 or 1.000. Fine.", ["It cost 3.50 or 1.000.", "Fine."]),
        ("See No. 5 and Fig. 2. No. I will not.", ["See No. 5 and Fig. 2.", "No.", "I will not."]),
        ("J. R. R. Tolkien wrote it. I did.", ["J. R. R. Tolkien wrote it.", "I did."]),
        ("The U.S. Army left the U.S. It was late.", ["The U.S. Army left the U.S.", "It was late."]),
        ("Come at 5 p.m. on Monday. At 6 p.m. We eat.", ["Come at 5 p.m. on Monday.", "At 6 p.m.", "We eat."]),
        ("So did I. Bob did too.", ["So did I.", "Bob did too."]),
        ("Pens, ink etc. Then I left.", ["Pens, ink etc.", "Then I left."]),
        ("Well... maybe. Well... I see. Well... Maybe.", ["Well... maybe.", "Well... I see.", "Well...", "Maybe."]),
        ("Well… maybe. Well . . . maybe.", ["Well… maybe.", "Well . . . maybe."]),
        ("“Stop!” he said. “Why?” She ran.", ["“Stop!” he said.", "“Why?”", "She ran."]),
        ('"Stop." He left. (It was late.) She slept.', ['"Stop."', "He left.", "(It was late.)", "She slept."]),
        ("i was home. it was late. ok", ["i was home.", "it was late.", "ok"]),
        ("What?! No!!! Yes.", ["What?!", "No!!!", "Yes."]),
        ("A title\n\nThe text\ngoes on.", ["A title", "The text\ngoes on."]),
        ("To do:\n- wash it\n- dry it\n", ["To do:", "- wash it", "- dry it"]),
        ("1. Wash it.\n2. Dry it.", ["1. Wash it.", "2. Dry it."]),
        ("1999. It was cold.", ["1999.", "It was cold."]),
        ("Version 2. The end.", ["Version 2.", "The end."]),
        ("**Wait.** Then _go._ Now.", ["**Wait.**", "Then _go._", "Now."]),
        ("see example.com for more", ["see example.com for more"]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("Great! 😊 We won. 😊", ["Great!", "😊 We won."]),
        ("...", []),
        ("  \n\n ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@given(ANY_TEXT)
def test_sentences_lose_no_word(text: str) -> None:
    assert [token for sentence in sentences(text) for token in tokenize(sentence)] == tokenize(text)


@given(ANY_TEXT)
def test_every_sentence_is_a_part_of_the_text_and_holds_a_word(text: str) -> None:
    position = 0
    for sentence in sentences(text):
        assert tokenize(sentence)
        assert sentence == sentence.strip()
        position = text.index(sentence, position) + len(sentence)


def test_punctuation_is_counted_by_kind() -> None:
    counts = count_punctuation("Yes, no; maybe: “so”—it's (I think) fine... OK?! #1 & 50%")
    assert counts == {
        "period": 3,
        "comma": 1,
        "colon": 1,
        "semicolon": 1,
        "question": 1,
        "exclamation": 1,
        "dash": 1,
        "quote": 2,
        "apostrophe": 1,
        "parenthesis": 2,
        "other": 3,
    }


def test_an_ellipsis_counts_alike_in_both_spellings() -> None:
    assert count_punctuation("well…") == count_punctuation("well...")


def test_letters_digits_symbols_and_blanks_are_no_punctuation() -> None:
    assert set(count_punctuation("abc 123 é 😊 + = $ € \n").values()) == {0}


@given(ANY_TEXT, ANY_TEXT)
def test_punctuation_counts_add_up_over_texts(first: str, second: str) -> None:
    one, two, both = (count_punctuation(text) for text in (first, second, first + second))
    assert tuple(both) == PUNCTUATION_KINDS
    assert both == {kind: one[kind] + two[kind] for kind in PUNCTUATION_KINDS}


@given(st.text(max_size=60))
def test_every_unicode_punctuation_mark_is_counted_once(text: str) -> None:
    plain = text.replace("…", "")
    marks = sum(unicodedata.category(sign).startswith("P") for sign in plain)
    assert sum(count_punctuation(plain).values()) >= marks


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_hostile_text_takes_linear_time(name: str) -> None:
    text = HOSTILE[name] * (ONE_MEGABYTE // len(HOSTILE[name]))
    seconds = []
    for read in (tokenize, sentences, count_punctuation):
        start = time.process_time()
        read(text)
        seconds.append(time.process_time() - start)
    assert seconds[0] < 1.0  # measured: 0.1
    assert seconds[1] < (4.0 if len(HOSTILE[name]) > 1 else 1.0)  # measured: 1.0 for 333,333 sentences, 0.1 for one
    assert seconds[2] < 1.0  # measured: 0.05


@settings(max_examples=20, deadline=None)
@given(st.text(alphabet=".!?…\"')* \n\tA1a", min_size=1, max_size=12))
def test_any_repeated_pattern_of_stops_takes_linear_time(pattern: str) -> None:
    text = pattern * (100_000 // len(pattern))
    start = time.process_time()
    sentences(text)
    tokenize(text)
    assert time.process_time() - start < 1.0  # measured: 0.1; quadratic time would take minutes
