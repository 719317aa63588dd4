"""One closed answer: what is read, what is flagged, what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument import Answer, AnswerReader, ShownOption
from personae.instrument.option_reader import OptionReader, plain, tidy
from personae.model.status import STATUSES, USABLE
from support.questionnaires import AGREEMENT, bare, in_words, lettered, numbered

FIVE = AnswerReader(numbered())
LETTERS = AnswerReader(lettered())
WORDS = AnswerReader(in_words())
YES_NO = AnswerReader(lettered(["Yes", "No"]))
ACCURACY = AnswerReader(numbered(["Not at all accurate", "Slightly accurate", "Accurate", "Very accurate"]))
TO_TEN = AnswerReader(bare(0, 10))
SIGNED = AnswerReader(bare(-2, 2))


def told(answer: Answer) -> tuple[int | None, str, bool]:
    return answer.value, answer.status, answer.is_contradictory


# fmt: off
AS_ASKED = [
    "4", "4.", " 4 ", "4\r\n", "(4)", "[4]", "4)", "**4**", "_4_", "`4`", '"4"', "'4'", "“4”", "- 4", "> 4", "#4",
    "| 4 |", "4!", "4;", "4…", "4/5", "4 / 5", "4 out of 5", "4 of 5", "4.0", "４", "4 - Agree a little",
    "4 – agree a little", "4: Agree a little", "4 = Agree a little", "4. Agree a little", "4, agree a little",
    "4 (Agree a little)", "(4) Agree a little.", "4 Agree a little", "Agree a little", "AGREE A LITTLE",
    "'Agree a little'", "“agree  a little”", "*Agree a little.*", "agree\na little",
    "4 - Agree a little, I indeed talk.", "4 - I have 2 jobs", "4, because I am 25", "4 see (a)", "4 stars",
    "4\n\nThat is because 5 would be too much.", "4 - others disagree strongly with it",
    "4 I neither smoke nor drink", "<think>Is it 2? Or 3? (a) 5</think>\n4",
]
# fmt: on


@pytest.mark.parametrize("text", AS_ASKED)
def test_an_answer_as_asked_is_ok(text: str) -> None:
    assert told(FIVE.read(text)) == (4, "ok", False)


FOUND = [
    ("My answer is 4.", 4),
    ("My answer: **4**", 4),
    ("Final answer = 4", 4),
    ("Rating: 4", 4),
    ("I'd give it a 4", 4),
    ("I would say 4 because I like people", 4),
    ("I would rate this 4 out of 5.", 4),
    ("On a scale of 1 to 5, I'm a 4.", 4),
    ("On a scale of 1 (Disagree strongly) to 5 (Agree strongly), I'm a 4.", 4),
    ("I'm a 5 on a scale from 1 to 5", 5),
    ("I neither agree nor disagree, so 3", 3),
    ("I neither agree nor disagree.", 3),
    ("I agree strongly!", 5),
    ("Strongly agree", 5),
    ("I strongly disagree with that.", 1),
    ("I agree a little, not strongly", 4),
    ("Agree a little (4)", 4),
    ("agree a little - 4", 4),
    ("I am talkative: 2", 2),
    ("has 2 jobs: 4", 4),
    ("I'm not sure, but I agree a little", 4),
    ("I am not someone who gives up; I agree strongly", 5),
    ("No, 2", 2),
    ("As an AI, I'd say 3", 3),
    ("As an AI language model I have no feelings. My answer: 3", 3),
    ("Statement: I am talkative.\nAnswer: 4", 4),
    ("Let me weigh 2 and 5.\n\n4", 4),
    ("I see myself as talkative: 4 - Agree a little", 4),
    ("I often agree strongly with people. It describes me, so 4.", 4),
    (r"\boxed{4}", 4),
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_an_answer_within_words_is_repaired(text: str, value: int) -> None:
    answer = FIVE.read(text)
    assert (answer.value, answer.status) == (value, "repaired")


# fmt: off
NO_ANSWER = [
    "6", "0", "44", "-", "4.5", "4,5", ".5", "4½", "3-4", "3 - 4", "3–4", "3/4", "1/2", "4/10", "4 out of 10",
    "3.5/5", "3 or 4", "3 to 4", "(3) or (4)", "4 and 5", "4, maybe 5", "4, leaning towards 5", "4 (possibly 5)",
    "4 5", "4, 5", "4\n5", "1, 2, 3, 4, 5", "1. 4", "4ish", "4th", "4%", "40%", "5+", "between 3 and 4",
    "between 3 and 4 depending on the day", "somewhere from 3 to 4, I think", "N/A", "n/a", "?", "pass", "Agree",
    "Disagree", "neither", "I don't agree", "not 5 but 4", "Not 5", "never 4", "5 is not my answer", "5 isn't right",
    "It's not a 5. It's a 4.", "I do not agree a little", "I don't agree strongly", "I don’t think I agree strongly",
    "I cannot say I agree strongly", "I would never say that I agree strongly", "hardly agree a little",
    "I wouldnt say that I agree strongly", "Agree a little or agree strongly",
    "Agree a little. Sometimes I disagree a little.", "4 is too low, 5 is too high",
    "I choose 4 because 5 would be too much", "I have 2 jobs", "I am 5 feet tall", "statement 3", "Question 3 is odd",
    "GPT-4 here", "4.5 stars", "3.14", "1 2 3",
]
# fmt: on


@pytest.mark.parametrize("text", NO_ANSWER)
def test_what_chooses_no_option_or_more_than_one_is_unparsed(text: str) -> None:
    answer = FIVE.read(text)
    assert answer.value is None
    assert answer.status in ("unparsed", "empty")


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't answer that.",
        "As an AI, I don't have a personality.",
        "I cannot rate statement 3.",
        "I can't answer 4 of these questions.",
        "I'm sorry, I am unable to provide a rating for item (3).",
        "I must decline to choose 4.",
    ],
)
def test_a_refusal_is_refused_whatever_numbers_it_mentions(text: str) -> None:
    assert told(FIVE.read(text)) == (None, "refused", False)


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t", "...", "()", "**", '""', "\u00a0"])
@pytest.mark.parametrize("reader", [FIVE, LETTERS, WORDS, TO_TEN, SIGNED])
def test_a_text_without_words_is_empty(reader: AnswerReader, text: str) -> None:
    assert told(reader.read(text)) == (None, "empty", False)


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (FIVE, "5 - Disagree strongly", 5),
        (FIVE, "5 (Disagree strongly)", 5),
        (FIVE, "5: I disagree strongly", 5),
        (FIVE, "5 - Strongly disagree", 5),
        (FIVE, "Agree a little: 5", 5),
        (FIVE, "Agree a little (5)", 5),
        (FIVE, "I am talkative: 2 - Agree strongly", 2),
        (LETTERS, "D: Disagree strongly", 4),
        (LETTERS, "D Disagree strongly", 4),
        (LETTERS, "(D) Disagree strongly", 4),
        (YES_NO, "B) Yes", 2),
        (YES_NO, "A. No", 1),
    ],
)
def test_where_mark_and_words_contradict_the_mark_counts_and_is_flagged(
    reader: AnswerReader, text: str, value: int
) -> None:
    assert told(reader.read(text)) == (value, "repaired", True)


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("A", 1, "ok"),
        ("b", 2, "ok"),
        ("B.", 2, "ok"),
        ("(B)", 2, "ok"),
        ("b)", 2, "ok"),
        ("**D**", 4, "ok"),
        ("B: Disagree a little", 2, "ok"),
        ("B) Disagree a little", 2, "ok"),
        ("E (Agree strongly)", 5, "ok"),
        ("B - A quiet evening is better", 2, "ok"),
        ("B because I like it", 2, "ok"),
        ("D\nI picked this as I like people.", 4, "ok"),
        ("The answer is B", 2, "repaired"),
        ("I choose D.", 4, "repaired"),
        ("I'd pick D", 4, "repaired"),
        ("I would choose option D", 4, "repaired"),
        ("Option A is best", 1, "repaired"),
        ("I agree a little", 4, "repaired"),
        ("A quiet evening", None, "unparsed"),
        ("A lot", None, "unparsed"),
        ("a little bit", None, "unparsed"),
        ("I'd answer a solid no", None, "unparsed"),
        ("D or E", None, "unparsed"),
        ("A/B", None, "unparsed"),
        ("A-B", None, "unparsed"),
        ("A, B", None, "unparsed"),
        ("A\nB", None, "unparsed"),
        ("Not A but D", None, "unparsed"),
        ("C'est la vie", None, "unparsed"),
        ("4", None, "unparsed"),
    ],
)
def test_letters_are_marks_only_where_they_are_no_words(text: str, value: int | None, status: str) -> None:
    answer = LETTERS.read(text)
    assert (answer.value, answer.status) == (value, status)


def test_the_ninth_letter_is_not_the_first_person() -> None:
    reader = AnswerReader(lettered([f"degree {index}" for index in range(11)]))
    assert reader.read("I").value == 9
    assert reader.read("I: degree 8").value == 9
    assert reader.read("I degree 3").value == 4  # the words of option D, said by the respondent
    assert reader.read("The option I would choose is B").value == 2
    assert reader.read("I think that depends").value is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Yes", 1),
        ("no.", 2),
        ("Yes, sure", 1),
        ("no, not really", 2),
        ("not yes", None),
        ("I can't say no", None),
        ("Yes and no", None),
        ("I don't know", None),
        ("Nope", None),
        ("yesterday", None),
    ],
)
def test_yes_and_no_are_read_as_words(text: str, value: int | None) -> None:
    assert YES_NO.read(text).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("accurate", 3),
        ("Very accurate.", 4),
        ("not at all accurate", 1),
        ("It is not at all  accurate for me", 1),
        ("Not accurate", None),
        ("Not very accurate", None),
        ("inaccurate", None),
        ("accurately", None),
        ("It is accurate, even very accurate", None),
    ],
)
def test_labels_that_contain_each_other_are_told_apart(text: str, value: int | None) -> None:
    assert ACCURACY.read(text).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("10", 10), ("0", 0), ("1", 1), ("10/10", 10), ("7 out of 10", 7), ("I'd say 8.", 8), ("8,", 8)],
)
def test_two_digit_marks_and_zero_are_read(text: str, value: int) -> None:
    assert TO_TEN.read(text).value == value


@pytest.mark.parametrize("text", ["11", "100", "0.5", "8-9", "1 0", "7/100"])
def test_numbers_beyond_the_range_are_not_cut_to_size(text: str) -> None:
    assert TO_TEN.read(text).value is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2", -2),
        ("−2", -2),  # a minus sign, not a dash
        ("–2", -2),
        ("(-1)", -1),
        ("-1.0", -1),
        ("+2", 2),
        ("2", 2),
        ("0", 0),
        ("I'd say -1", -1),
        ("Answer: -1", -1),
        ("-1/2", -1),
        ("- 2", None),  # a dash or a sign: nobody can tell
        ("-3", None),
        ("-1 or 0", None),
        ("-2 to 2", None),
    ],
)
def test_the_sign_of_a_negative_option_is_part_of_its_mark(text: str, value: int | None) -> None:
    assert SIGNED.read(text).value == value


def test_options_of_words_alone_are_read_by_their_words() -> None:
    assert told(WORDS.read("Neither agree nor disagree")) == (3, "ok", False)
    assert WORDS.read("4").value is None
    assert WORDS.read("1. Agree a little").value == 4


def test_options_listed_downwards_by_rank_give_their_own_values() -> None:
    reader = AnswerReader([ShownOption(str(rank + 1), AGREEMENT[4 - rank], 5 - rank) for rank in range(5)])
    assert reader.read("1").value == 5
    assert told(reader.read("1 - Agree strongly")) == (5, "ok", False)
    assert told(reader.read("1 - Disagree strongly")) == (5, "repaired", True)


def test_options_with_words_at_the_ends_only() -> None:
    reader = AnswerReader(
        [ShownOption(str(value), AGREEMENT[value - 1] * (value in (1, 5)), value) for value in range(1, 6)]
    )
    assert told(reader.read("2 - Disagree a little")) == (2, "ok", False)
    assert told(reader.read("2 - agree strongly")) == (2, "repaired", True)
    assert reader.read("Agree a little").value is None


LEGEND = "\n".join(f"{value} = {label}" for value, label in enumerate(AGREEMENT, start=1))


def test_a_legend_is_not_an_answer() -> None:
    assert told(FIVE.read(f"{LEGEND}\n\n4")) == (4, "ok", False)
    assert FIVE.read(f"The options are:\n{LEGEND}\nMy choice: 2").value == 2
    assert told(FIVE.read(LEGEND)) == (None, "unparsed", False)


@pytest.mark.parametrize("text", ["dİsagree strongly", "dısagree strongly", "agree ſtrongly", "(ı)", "ı", "İ", "K"])
@pytest.mark.parametrize("reader", [FIVE, WORDS, AnswerReader(lettered([f"degree {index}" for index in range(11)]))])
def test_letters_whose_two_cases_do_not_match_are_no_crash(reader: AnswerReader, text: str) -> None:
    answer = reader.read(text)
    assert (answer.value is None) == (answer.status not in USABLE)


def test_labels_of_other_languages_are_read_in_any_case() -> None:
    reader = AnswerReader(numbered(["Trifft überhaupt nicht zu", "Mäßig", "Groß"]))
    assert reader.read("TRIFFT ÜBERHAUPT NICHT ZU").value == 1
    assert reader.read("mäßig").value == 2
    assert reader.read("Ich würde sagen: groß").value == 3
    chinese = AnswerReader(numbered(["非常不同意", "不同意", "同意"]))
    assert chinese.read("（２）不同意").value == 2
    assert chinese.read("非常不同意").value == 1


def test_labels_that_are_numbers_of_times_are_not_taken_for_ranges() -> None:
    reader = AnswerReader(numbered(["Never", "1-2 times", "3 or more times"]))
    assert reader.read("1-2 times").value == 2
    assert reader.read("I'd say 1-2 times").value == 2
    assert reader.read("3 or more times").value == 3


def test_labels_with_brackets_and_signs_keep_them_apart() -> None:
    reader = AnswerReader([ShownOption("1", "< 5", 1), ShownOption("2", "> 5", 2), ShownOption("3", "Much (very)", 3)])
    assert reader.read("< 5").value == 1
    assert reader.read("Much (very)").value == 3


@pytest.mark.parametrize(
    "options",
    [
        [],
        [ShownOption("", "", 1)],
        [ShownOption("1", "Yes", 1), ShownOption("1", "No", 2)],
        [ShownOption("a", "Yes", 1), ShownOption("A", "No", 2)],
        [ShownOption("1", "Yes", 1), ShownOption("2", "yes.", 2)],
    ],
)
def test_options_that_an_answer_cannot_tell_apart_are_refused(options: list[ShownOption]) -> None:
    with pytest.raises(InputError):
        AnswerReader(options)


def test_the_part_that_was_read_is_kept() -> None:
    assert FIVE.read("  **4** - Agree a little.\n").text == "4** - Agree a little"


labels = st.lists(
    st.text("abcdefg hijk", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool),
    min_size=2,
    max_size=11,
    unique_by=plain,
)


@given(labels, st.data())
def test_every_option_is_read_from_its_words_in_any_case(names: list[str], data: st.DataObject) -> None:
    options = in_words(names)
    chosen = data.draw(st.sampled_from(options))
    written = data.draw(st.sampled_from([chosen.label, chosen.label.upper(), chosen.label.title()]))
    wrapped = data.draw(st.sampled_from(["{}", "'{}'", "{}.", "**{}**", "({})", " {}\n", "- {}"])).format(written)
    assert told(AnswerReader(options).read(wrapped)) == (chosen.value, "ok", False)


# fmt: off
STYLES = [
    "{0}", "{0}.", "({0})", "[{0}]", "{0} - {1}", "{0}: {1}", "{0} = {1}", "{0}. {1}", "({0}) {1}", "{0} ({1})",
    "**{0}**", "{1}", "'{1}'", "{0} – {1}, as I said.", "{0}\n\nI mean it.",
]
# fmt: on


@given(st.integers(2, 11), st.booleans(), st.data())
def test_every_option_is_read_from_its_mark_and_its_words(count: int, has_letters: bool, data: st.DataObject) -> None:
    make = lettered if has_letters else numbered
    options = make([f"degree {letter}{letter}" for letter in "mnopqrstuvw"[:count]])
    if data.draw(st.booleans()):
        options = options[::-1]
    chosen = data.draw(st.sampled_from(options))
    style = data.draw(st.sampled_from(STYLES))
    answer = AnswerReader(options).read(style.format(chosen.mark, chosen.label))
    assert told(answer) == (chosen.value, "ok", False)


@given(st.integers(0, 1), st.integers(2, 11), st.data())
def test_two_options_are_never_read_as_one(least: int, most: int, data: st.DataObject) -> None:
    first, second = data.draw(st.lists(st.integers(least, most), min_size=2, max_size=2, unique=True))
    link = data.draw(st.sampled_from([" or ", "-", ", maybe ", "/", " to ", ", ", "\n", " and ", "–", ") or ("]))
    assume(link != "/" or second != most)  # "4/5" is four of five
    assert AnswerReader(bare(least, most)).read(f"{first}{link}{second}").value is None


@given(
    st.sampled_from(["not ", "I don't ", "I would never say that I ", "hardly ", "I can’t "]),
    st.sampled_from(AGREEMENT),
)
def test_a_denied_option_is_never_read(denial: str, label: str) -> None:
    assert FIVE.read(denial + label).value is None
    assert WORDS.read(denial + label).value is None


@pytest.mark.parametrize("reader", [FIVE, LETTERS, WORDS, YES_NO, TO_TEN, SIGNED])
@given(text=st.text(max_size=60) | st.text("0123456789 .,-/()ABCabci\nnotr'", max_size=30))
def test_any_text_gives_one_of_the_six_and_a_value_that_was_offered(reader: AnswerReader, text: str) -> None:
    answer = reader.read(text)
    assert answer.status in STATUSES
    if answer.status in USABLE:
        assert answer.value in {option.value for option in reader.options}
    else:
        assert answer.value is None
        assert not answer.is_contradictory


@given(st.text(max_size=80))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert "\r" not in tidy(text)


def test_an_option_alone_is_told_from_an_option_in_a_sentence() -> None:
    reader = OptionReader(numbered())
    assert reader.exact("4 - Agree a little") is not None
    assert reader.exact("Answer: 4") is not None
    assert reader.exact("4 because I agree a little") is None
    assert reader.exact("answer: " * 10_000) is None
