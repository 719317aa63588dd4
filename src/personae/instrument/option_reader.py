"""Reading one closed answer: which of the options that were shown a piece of text chooses, if any.

Rules, in this order; each one that applies settles it:

1. The text is an option and nothing else: its mark ("4", "(B)"), its words, or both. A longer text may say it on a line
   of its own, if no other line says another.
2. It begins with a mark. A second mark right behind it ("4, maybe 5", "3-4"), a fraction or a number out of range is no
   answer; a number in an explanation ("4 - I have 2 jobs") is none of these.
3. It names the words of exactly one option, **longest option first**, so that "neither agree nor disagree" is never
   read as "agree", and without a negation before them in the same clause.
4. It names exactly one mark, not in passing: "I would say 4", "the answer is B", but not "my 2 jobs", "statement 3".

Where mark and words contradict each other ("5 - Disagree strongly", "Agree a little: 5"), the mark counts, as in
published scoring scripts, and the answer is flagged.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from personae.errors import InputError
from personae.instrument.option_marks import RANGE, mark_patterns
from personae.model import Status, is_refusal

_AROUND = " \t\r\n*_`\"'“”‘’.,;:!?…|"
_BRACKETS = "()[]{}<> "
_CLAUSE_END = re.compile(
    r"[.,;:!?()\n–—]|\s-\s|\b(?:but|so|therefore|because|hence|thus|then|rather|instead)\b", re.IGNORECASE
)
_NEGATION = re.compile(
    r"\b(?:not|never|no|nor|neither|hardly|cannot|unable|without|refuse|decline)\b|n['’]t\b"
    r"|\b(?:do|does|did|ca|wo|is|was|would|could)nt\b",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(r"\s*(?:is|was|would\s+be|seems)(?:\s+not\b|n['’]t\b|\s+(?:too|wrong)\b)", re.IGNORECASE)
_CLAUSE_SPAN = 200
_MOST_NAMED = 64  # what is said later than that says nothing about the answer
_MOST_LINES = 1000
_DASH_AS_SIGN = re.compile(r"(?<!\d)[–—](?=\d)")

_CUE = re.compile(
    r"(?:[-–—:=→>|(\[]|\b(?:so|is|be|say|choose|chose|choosing|pick|select|answer|option|rating|score|rate|give|with|an?))"
    r"[\s*_`\"'“‘]{0,4}$",
    re.IGNORECASE,
)
_ANSWER_CUE = re.compile(
    r"^(?:(?:my|the|final)\s+){0,2}(?:answer|rating|choice|response|score|option)\s{0,3}(?:is\b|[:=])", re.IGNORECASE
)
_REFERENCE = re.compile(
    r"(?:statement|question|item|part|step|version|gpt|chapter|section|#)\s{0,2}(?:number|no\.)?[\s#-]{0,2}$",
    re.IGNORECASE,
)
_LINKED = re.compile(rf"(?:\d|(?<!\w)[A-Z])[)\]]?\s{{0,3}}(?:{RANGE}|,)\s{{0,3}}[(\[]?$")
"""What ends in another mark and the link to this one: "3 or ", "A-"."""
_PASSING = re.compile(
    r"\s+(?!(?:because|since|as|for|on|out|of|or|and|to|but|here|is|was|in|overall|too|again|if|when|with|would|seems"
    r"|feels|fits|describes|so|which|that|stars?|points?|maybe|perhaps|sometimes|depending|\w+ly)\b)[^\W\d_]"
)
"""What follows a number that counts something else: a word that does not go on speaking of the answer."""

_WORD = re.compile(r"\s+(?!(?:because|since|as|is|for|fits|seems)\b)[a-z]")
"""What makes a word of an A or I: "A quiet evening", "I would"."""
_ADVERB = re.compile(r"(\w+) (\w+ly)|(\w+ly) (\w+)")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2212: "-", 0x3000: " "}


@dataclass(frozen=True, slots=True)
class ShownOption:
    """A response option as the respondent saw it."""

    mark: str
    """What stands for it in an answer: "1", "B"; empty if options are words alone."""
    label: str
    """Its words; empty if they were not shown."""
    value: int
    """The value that is scored."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one item."""

    value: int | None
    """What is scored; ``None`` unless the status is ``ok`` or ``repaired``."""
    status: Status
    text: str = ""
    """The part of the reply that it was read from."""
    is_contradictory: bool = False
    """Whether mark and words, or two answers to the same item, said different things."""


@dataclass(frozen=True, slots=True)
class Exact:
    """A text that is an option and nothing else."""

    option: ShownOption
    is_literal: bool = True
    is_contradictory: bool = False
    has_both: bool = False

    def answer(self, text: str) -> Answer:
        """The answer that the text gives."""
        is_ok = self.is_literal and not self.is_contradictory
        return Answer(self.option.value, "ok" if is_ok else "repaired", text, self.is_contradictory)


class OptionReader:
    """Reads which of these options a piece of text chooses.

    Raises:
        InputError: If there are no options, or two that an answer could not tell apart.
    """

    def __init__(self, options: Sequence[ShownOption]) -> None:
        self.options = tuple(options)
        self._by_mark = _index("mark", [(tidy(option.mark).casefold(), option) for option in options])
        self._by_label = _index("label", [(plain(option.label), option) for option in options])
        if not self._by_mark and not self._by_label:
            raise InputError("there is nothing to choose from", remedy="give options with marks or labels")
        self._aliases = _turned(self._by_label)
        names = sorted((*(_trimmed(option.label) for option in options), *self._aliases), key=len, reverse=True)
        words = "|".join(r"\s+".join(map(re.escape, name.split(" "))) for name in names if name)
        self._label = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None
        self._marks = mark_patterns(list(self._by_mark))

    def read(self, text: str) -> Answer:
        """Read the answer to one question; the text is tidied already."""
        if self._marks.are_signed:
            text = _DASH_AS_SIGN.sub("-", text)
        body = text[self.skip(text, 0) :].rstrip(_AROUND)
        if not body.strip(_BRACKETS):
            return Answer(None, "empty", text.strip())
        exact = self.exact(body)
        if exact is not None:
            return exact.answer(body)
        return self._by_line(body) or self._begins_with_mark(body) or self._by_name(body) or _no_answer(body)

    def skip(self, text: str, start: int) -> int:
        """Where the words of an answer begin, behind dashes, quotes and emphasis."""
        match = self._marks.lead.match(text, start)
        return match.end() if match else start

    def has_mark(self, text: str) -> bool:
        """Whether this is the mark of an option, in upper or lower case."""
        return text.casefold() in self._by_mark

    def is_marked(self, text: str, option: ShownOption) -> bool:
        """Whether this is the mark of that option."""
        return self._by_mark.get(text.casefold()) is option

    def mark_at(self, text: str, start: int) -> ShownOption | None:
        """The option whose mark the text goes on with, if it does."""
        match = self._marks.first.match(text, self.skip(text, start))
        return self._by_mark.get(match.group(1).casefold()) if match else None

    def words_at(self, text: str, start: int) -> ShownOption | None:
        """The option whose words the text goes on with, if it does."""
        match = self._label.match(text, self.skip(text, start)) if self._label else None
        return self._option_named(plain(match.group())) if match else None

    def exact(self, text: str) -> Exact | None:
        """The option that a text consists of: its mark, its words, or both, and nothing else."""
        body = text[self.skip(text, 0) :].rstrip(_AROUND)
        cue = _ANSWER_CUE.match(body)
        if cue is None:
            return self._exact(body)
        found = self._exact(body[self.skip(body, cue.end()) :])
        return replace(found, is_literal=False) if found else None

    def _exact(self, body: str) -> Exact | None:
        option = self._option_marked(body) or self._by_label.get(plain(body)) or self._by_label.get(plain_within(body))
        if option is not None:
            return Exact(option)
        if option := self._aliases.get(plain_within(body)):
            return Exact(option, is_literal=False)
        return self._mark_then_words(body) or self._words_then_mark(body)

    def _mark_then_words(self, body: str) -> Exact | None:
        match = self._marks.first.match(body)
        option = self._by_mark.get(match.group(1).casefold()) if match else None
        if match is None or option is None:
            return None
        rest = body[self.skip(body, match.end()) :]
        if not rest.strip(_BRACKETS):
            return Exact(option) if self._marks.are_numbers else None  # "4/5", "4.0"
        said = self._option_named(plain(rest)) or self._option_named(plain_within(rest))
        if said is None or not self._is_mark(match, body, is_before_words=True):
            return None
        return Exact(option, is_contradictory=said is not option, has_both=True)

    def _words_then_mark(self, body: str) -> Exact | None:
        match = self._label.match(body) if self._label else None
        said = self._option_named(plain(match.group())) if match else None
        option = self._option_marked(body[self.skip(body, match.end()) :]) if match else None
        if said is None or option is None:
            return None
        return Exact(option, is_literal=False, is_contradictory=said is not option, has_both=True)

    def _option_marked(self, text: str) -> ShownOption | None:
        bare = text.strip(_BRACKETS).casefold()
        return self._by_mark.get(bare.removeprefix("+") if self._marks.are_signed else bare)

    def _by_line(self, body: str) -> Answer | None:
        """What all lines say that are an option and nothing else."""
        lines = [line for line in body.split("\n")[:_MOST_LINES] if line.strip()]
        found = [exact for line in lines if (exact := self.exact(line))] if len(lines) > 1 else []
        if not found:
            return None
        if len({exact.option.value for exact in found}) > 1:
            return _no_answer(body)
        answer = (self.exact(lines[0]) or replace(found[0], is_literal=False)).answer(body)
        return replace(answer, is_contradictory=any(exact.is_contradictory for exact in found))

    def _begins_with_mark(self, body: str) -> Answer | None:
        match = self._marks.first.match(body)
        if match is None or not self._is_mark(match, body):
            return None
        rest = body[match.end() :]
        option = self._by_mark.get(match.group(1).casefold())
        if option is None or _NEGATED_AFTER.match(rest):
            return _no_answer(body)
        second = self._marks.second.match(rest)
        if second is not None and (second.group(1) or second.group(2)).casefold() != match.group(1).casefold():
            return _no_answer(body)
        said = self._said_at_once(rest)
        if said is not None and said is not option:
            return Answer(option.value, "repaired", body, is_contradictory=True)
        return Answer(option.value, "ok", body)

    def _is_mark(self, match: re.Match[str], body: str, *, is_before_words: bool = False) -> bool:
        """Whether a letter at the beginning is a mark; "A quiet evening" and "I agree" begin with words."""
        mark, rest = match.group(1), body[match.end() :]
        if self._marks.are_numbers or body[0] in "([" or match.group().endswith((")", "]")):
            return True
        is_set_off = not rest.strip() or rest[0] == "\n" or rest.lstrip(" ")[0] in ").:]-–—,;=|(/*&"
        if not mark.isupper():
            return is_before_words and is_set_off
        if is_set_off or mark not in ("A", "I"):
            return True
        return mark == "A" and (is_before_words or _WORD.match(rest) is None)

    def _said_at_once(self, rest: str) -> ShownOption | None:
        """The option whose words follow a mark at once: "5 - Disagree strongly", "5 (I disagree strongly)"."""
        start = self.skip(rest, 0)
        while rest[start : start + 1] in ("(", "["):
            start += 1
        return self.words_at(rest, start + 2 if rest[start : start + 2] in ("I ", "i ") else start)

    def _by_name(self, body: str) -> Answer | None:
        """Rules 3 and 4: the words of one option or, said of the answer and not in passing, one mark."""
        said, is_denied = self._words_in(body)
        mark, is_announced, is_last = self._mark_in(body)
        if mark is not None and is_announced and (is_last or not said):
            is_contradictory = len(said) == 1 and not is_denied and said != [mark]
            return Answer(mark.value, "repaired", body, is_contradictory)
        if said:
            return Answer(said[0].value, "repaired", body) if len(said) == 1 and not is_denied else None
        if mark is None or is_refusal(body):
            return None
        return Answer(mark.value, "repaired", body)

    def _words_in(self, body: str) -> tuple[list[ShownOption], bool]:
        """The options whose words occur, two at most, and whether one is denied."""
        said: list[ShownOption] = []
        places = []
        for match in itertools.islice(self._label.finditer(body), _MOST_NAMED) if self._label else ():
            option = self._option_named(plain(match.group()))
            if option is not None and option not in said:
                said.append(option)
            places.append(match.start())
            if len(said) > 1:
                return said, False
        return said, any(_is_negated(body, place) for place in places)

    def _mark_in(self, body: str) -> tuple[ShownOption | None, bool, bool]:
        """The one option whose mark is given, whether words announce it, and whether nothing but its words follows."""
        body = self._marks.whole_range.sub(" ", body)
        given: dict[str, tuple[bool, bool]] = {}
        has_other = False
        for match in itertools.islice(self._marks.named.finditer(body), _MOST_NAMED):
            before, is_bracketed = body[max(0, match.start() - 24) : match.start()], match.group()[0] in "(["
            mark = next(group for group in match.groups() if group is not None)
            is_announced = is_bracketed or _CUE.search(before) is not None
            if not self._marks.are_numbers and _LINKED.search(before):
                return None, False, False
            if not self._is_given(match, body, before, is_announced=is_announced):
                has_other = has_other or (self._marks.are_numbers and mark in self._by_mark)
                continue
            if _is_negated(body, match.start()) or _NEGATED_AFTER.match(body, match.end()):
                return None, False, False
            rest = body[match.end() :]
            is_last = not rest.strip(_AROUND + _BRACKETS) or self._said_at_once(rest) is not None
            given[_whole(mark)] = is_announced, is_last
        if len(given) != 1:
            return None, False, False
        mark, (is_announced, is_last) = given.popitem()
        if has_other and not is_announced:
            return None, False, False
        return self._by_mark.get(mark.casefold()), is_announced, is_last

    def _is_given(self, match: re.Match[str], body: str, before: str, *, is_announced: bool) -> bool:
        """Whether a mark is given as an answer, and does not count or name something else."""
        if self._marks.are_numbers:
            is_passing = _PASSING.match(body, match.end()) or _REFERENCE.search(before)
            return is_passing is None or _LINKED.search(before) is not None
        mark = match.group()
        if mark[0] in "([" or not (is_announced and mark.isupper()):
            return mark[0] in "(["
        return mark not in ("A", "I") or _WORD.match(body, match.end()) is None

    def _option_named(self, words: str) -> ShownOption | None:
        return self._by_label.get(words) or self._aliases.get(words)


def tidy(text: str) -> str:
    """Bring line ends and full-width signs into one form; nothing else of the text changes."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_FULL_WIDTH)


def plain(label: str) -> str:
    """A label in the form in which labels are compared: lower case, single spaces, no stop at the end.

    Example:
        >>> plain("  *Agree   a little.* ")
        'agree a little'
    """
    return _trimmed(label).casefold()


def _trimmed(label: str) -> str:
    return re.sub(r"\s+", " ", tidy(label).strip(_AROUND))


def plain_within(label: str) -> str:
    """The same without brackets around it."""
    return plain(label.strip(_BRACKETS))


def _index(what: str, pairs: Sequence[tuple[str, ShownOption]]) -> dict[str, ShownOption]:
    named = [(key, option) for key, option in pairs if key]
    found = dict(named)
    if len(found) < len(named):
        raise InputError(f"two options share a {what}", where=", ".join(key for key, _ in named))
    return found


def _turned(labels: dict[str, ShownOption]) -> dict[str, ShownOption]:
    """Two-word labels with the adverb on the other side: "strongly agree" for "agree strongly"."""
    turned = {}
    for label, option in labels.items():
        if _ADVERB.fullmatch(label):
            other = " ".join(reversed(label.split(" ")))
            if other not in labels:
                turned[other] = option
    return turned


def _is_negated(body: str, place: int) -> bool:
    """Whether the clause that leads up to a place says no."""
    before = body[max(0, place - _CLAUSE_SPAN) : place]
    ends = [match.end() for match in _CLAUSE_END.finditer(before)]
    return _NEGATION.search(before, ends[-1] if ends else 0) is not None


def _whole(number: str) -> str:
    return re.sub(r"[.,]0+$", "", number).removeprefix("+")


def _no_answer(body: str) -> Answer:
    return Answer(None, "refused" if is_refusal(body) else "unparsed", body)
