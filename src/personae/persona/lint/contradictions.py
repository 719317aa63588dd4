"""Rules about what cannot both be so: two ages, a life that nobody has had time for, words against traits and facts.

Texts speak of other people too. What stands in a sentence after a word for kin or company ("her daughter is 12 years
old"), or is told of another time ("at the age of 12", "once shy"), is not taken for the person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from personae.persona.lint.finding import Hit
from personae.persona.lint.texts import opposites, texts_of
from personae.persona.persona import Persona

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = {
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}"
_AGES = (
    re.compile(rf"(?<![\w])(\d{{1,3}}|{_WORDS})[- ]years?[- ]old\b", re.IGNORECASE),
    re.compile(r"\baged? (?:of )?(\d{1,3})(?!\d)", re.IGNORECASE),
)
_BESIDE_NAME = re.compile(r"\A(?:[^\W\d_]+ ){0,3}[^\W\d_]+, (\d{1,3}),")
_DECADE = re.compile(r"\bin (?:his|her|their|your|my) (early |mid[- ]|late )?([1-9])0'?s\b", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:(?:grand|step|god)?(?:daughter|son|mother|father|parent|child|children)s?|sisters?|brothers?|siblings?"
    r"|wife|husband|spouse|partner|kids?|boys?|girls?|baby|babies|twins?|uncle|aunt|nephews?|nieces?|cousins?|friends?"
    r"|colleagues?|neighbou?rs?|students?|pupils?|patients?|clients?|roommates?|boss|dogs?|cats?|horses?|house|company)\b",
    re.IGNORECASE,
)
_OTHER_TIME = re.compile(r"\b(?:at|by|from|since|until|till|before|after|around)(?: the| about)?\s*$", re.IGNORECASE)
_WHEN = re.compile(r"\b(?:when|as a|back then|ago|used to|once)\b", re.IGNORECASE)
_STILL = re.compile(r"\b(?:still|now|is)\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not|never|no longer|isn't|hardly|once|formerly|used to be|rarely|less|un)\s+(?:\w+\s+)?$", re.IGNORECASE
)
_SPAN = re.compile(
    rf"\b(\d{{1,2}}|{_WORDS})\+?[- ]years?(?:'|’)?\s+(?:of\s+)?(?:\w+\s+){{0,2}}?"
    rf"(experience|practice|service|career|marriage)\b"
    rf"|\bmarried for (?:over |more than |almost )?(\d{{1,2}}|{_WORDS}) years\b",
    re.IGNORECASE,
)
_GRANDCHILDREN = re.compile(
    r"\bgrandchild(?:ren)?\b|\bis an? grand(?:mother|father|parent)\b|\b(?:grandmother|grandfather) of\b", re.IGNORECASE
)
_LEAST_AGES: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), least)
    for words, least in (
        ("widow(?:ed|er)?|divorced|married|ceo", 16),
        ("lawyer|attorney|notary|veterinarian|phd|doctorate", 21),
        ("professor|physician|judge", 23),
        ("surgeon|psychiatrist|cardiologist|neurologist", 25),
        ("retired|pensioner", 40),
    )
)
"""Words of a life, and the age below which hardly anybody has it; told to look again, not to judge."""
_RETIRED = re.compile(
    r"(?:\A(?:[^\W\d_]+ ){0,3}(?:is )?(?:an? )?|\bis (?:an? )?)retired\b"
    r"(?! (?:early|from (?:sport|football|ballet|dancing|boxing|the army))|"
    r" (?:\w+ )?(?:athlete|gymnast|\w*ball(?:er| player)|player|dancer|ballerina|boxer|swimmer|skater|soldier|model))",
    re.IGNORECASE,
)
_LEAST_RETIRED = 40
_SENTENCE_END = re.compile(r"[.!?;\n]")
_NEAR = 300
"""Letters around a match within which its sentence is looked at."""
_LEAST_GRANDPARENT = 32
_FIRST_JOB, _FIRST_MARRIAGE = 14, 16
_APART = 0.75
"""Standard deviations from the mean from which a trait speaks against an adjective of its other end."""
_FEMALE, _MALE = ("female", "f", "woman", "girl"), ("male", "m", "man", "boy")
_SHE = re.compile(r"\b(?:she|her|hers|herself)\b", re.IGNORECASE)
_HE = re.compile(r"\b(?:he|him|his|himself)\b", re.IGNORECASE)
_SPOKEN_TO = re.compile(r"\b(?:you|your|I|my|me)\b")
_WED = re.compile(
    r"(?<!was )(?<!late )(?<!ex-)(?<!former )(?<!first )(?<!future )\b(?:happily married|is married|married to"
    r"|with (?:his|her|their|my|your) (?:wife|husband|spouse))\b",
    re.IGNORECASE,
)
_UNWED = re.compile(r"\b(?:is single|unmarried|never (?:been )?married|a bachelor|not married)\b", re.IGNORECASE)
_WED_STATUS = re.compile(r"\bmarried\b", re.IGNORECASE)
_UNWED_STATUS = re.compile(r"\b(?:single|never married|unmarried|divorced|widow(?:ed|er)?)\b", re.IGNORECASE)


def ages_differ(persona: Persona) -> Iterator[Hit]:
    """A text that gives the person another age than the demographics."""
    age = persona.demographics.age
    if age is None:
        return
    for path, text in texts_of(persona):
        if path.startswith(("/memories", "/knowledge", "/beliefs", "/goals")):
            continue
        told = _ages_in(text)
        if told and age not in told:
            yield Hit(path, f"says {min(told)} years where the age is {age}", "make both say the same")
        elif not told and (decade := _decade_in(text)) and age // 10 != int(decade[2]):
            yield Hit(path, f"says {decade[0]!r} where the age is {age}", "make both say the same")


def _ages_in(text: str) -> set[int]:
    """Ages that a text gives the person now."""
    found = [int(beside[1])] if (beside := _BESIDE_NAME.match(text)) else []
    for pattern in _AGES:
        for match in pattern.finditer(text):
            before, after = _around(text, match)
            if not (_OTHERS.search(before) or _OTHER_TIME.search(before) or _WHEN.search(before + " " + after[:12])):
                found.append(_number_of(match[1]))
    return set(found)


def _decade_in(text: str) -> re.Match[str] | None:
    """A decade of life that a text tells of now: a sentence that begins with it may tell of another time."""
    for match in _DECADE.finditer(text):
        before, after = _around(text, match)
        if not _OTHERS.search(before) and not _WHEN.search(before) and (before.strip() or _STILL.search(after)):
            return match
    return None


def _around(text: str, match: re.Match[str]) -> tuple[str, str]:
    """What stands before and after a match in its sentence."""
    before, after = text[max(0, match.start() - _NEAR) : match.start()], text[match.end() : match.end() + _NEAR]
    return _SENTENCE_END.split(before)[-1], _SENTENCE_END.split(after)[0]


def _number_of(word: str) -> int:
    if word.isdigit():
        return int(word)
    tens, _, ones = word.lower().replace(" ", "-").partition("-")
    return _TEENS.get(tens) or _TENS.get(tens, 0) + (_ONES.index(ones) + 1 if ones in _ONES else 0)


def age_does_not_fit(persona: Persona) -> Iterator[Hit]:
    """A life that nobody of this age has had time for."""
    facts, age = persona.demographics, persona.demographics.age
    if age is None:
        return
    for field in ("occupation", "education", "marital_status"):
        for pattern, least in _LEAST_AGES:
            if age < least and (found := pattern.search(getattr(facts, field))):
                yield Hit(f"/demographics/{field}", f"{found.group()!r} at {age}", "correct the age or say why")
                break
    for path, text in texts_of(persona):
        if not path.startswith(("/description", "/life_context", "/personal_identity")):
            continue
        for found in _SPAN.finditer(text):
            first = _FIRST_MARRIAGE if found[3] or (found[2] or "").lower() == "marriage" else _FIRST_JOB
            if not _OTHERS.search(_around(text, found)[0]) and _number_of(found[1] or found[3]) > age - first:
                yield Hit(path, f"{found.group()!r} at {age}", "correct the age or this")
        found_rest = _RETIRED.search(text) if age < _LEAST_RETIRED else None
        if found_rest and not _OTHERS.match(_around(text, found_rest)[1].strip()):
            yield Hit(path, f"{found_rest.group().strip()!r} at {age}", "correct the age or this")
        if age < _LEAST_GRANDPARENT and (found_kin := _GRANDCHILDREN.search(text)):
            yield Hit(path, f"{found_kin.group()!r} at {age}", "correct the age or this")


def words_against_traits(persona: Persona) -> Iterator[Hit]:
    """An adjective of the other end of a trait."""
    for key, (low, high) in opposites().items():
        z = persona.trait(key)
        if z is None or abs(z) < _APART:
            continue
        against = low if z > 0 else high
        for path, text in texts_of(persona):
            if path.startswith(("/name", "/memories", "/goals")):
                continue
            for found in against.finditer(text):
                before, _ = _around(text, found)
                is_name = found.group()[0].isupper() and before.strip() != ""
                if not is_name and not _DENIED.search(before) and not _OTHERS.search(before):
                    side = "high" if z > 0 else "low"
                    yield Hit(path, f"{found.group()!r} where {key} is {side}", "change the trait or the word")
                    break


def pronouns_against_gender(persona: Persona) -> Iterator[Hit]:
    """A text that tells of the person with the pronouns of another gender; one that also has the own is left alone."""
    gender = persona.demographics.gender.strip().casefold()
    if gender not in (*_FEMALE, *_MALE):
        return
    own, other = (_SHE, _HE) if gender in _FEMALE else (_HE, _SHE)
    for path, text in texts_of(persona):
        if path not in ("/description", "/life_context") or own.search(text) or _SPOKEN_TO.search(text):
            continue
        found = other.findall(text)
        first = other.search(text)
        if first and len(found) > 1 and not _OTHERS.search(_around(text, first)[0]):
            yield Hit(path, f"says {found[0]!r} where the gender is {gender!r}", "make both say the same")


def text_against_marriage(persona: Persona) -> Iterator[Hit]:
    """A text with a spouse for somebody who has none, or the other way round."""
    status = persona.demographics.marital_status
    against = (
        _WED if _UNWED_STATUS.search(status) else _UNWED if re.search(r"\bmarried\b", status, re.IGNORECASE) else None
    )
    for path, text in texts_of(persona) if against is not None else ():
        if against is None or path not in ("/description", "/life_context"):
            continue
        found = against.search(text)
        if found and not _OTHERS.search(_around(text, found)[0]) and not _WHEN.search(_around(text, found)[0]):
            yield Hit(path, f"{found.group()!r} where the marital status is {status!r}", "make both say the same")
