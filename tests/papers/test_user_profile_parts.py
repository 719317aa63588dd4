"""User profiles: spelling, histories, edits, scores of known overlap."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.papers.user_profile import (
    Edit,
    History,
    apply_edits,
    diff_profiles,
)
from personae.papers.user_profile.fields import FIELDS, is_list, normal_key, normal_value, pairs_of, raw_pairs
from personae.papers.user_profile.overlap import bleu, bleu_counts, near_hits, rouge_l, written

DAYS = st.integers(0, 2000).map(lambda n: (date(2020, 1, 1) + timedelta(days=n)).isoformat())
KEYS = st.sampled_from(["residence", "occupation", "interests", "shoe size"])
VALUES = st.sampled_from(["Lyon", "lyon.", "Rome", "Oslo"])
LEARNED = st.lists(st.tuples(KEYS, VALUES, DAYS), max_size=14)
PROFILES = st.dictionaries(
    st.sampled_from([one.key for one in FIELDS]), st.sampled_from(["a b", "c", "d; e", "e", "1970", "two"]), max_size=8
)


def test_fields_go_by_one_name_and_values_by_one_spelling() -> None:
    assert {normal_key(one) for one in ("DOB", "Date of birth", "born", "birth-date")} == {"birth_date"}
    dates = ("1970-05-04", "4 May 1970", "May 4, 1970", "4th of May 1970".replace(" of", ""), "on 4 May 1970")
    assert {normal_value("birth_date", one) for one in dates} == {"1970-05-04"}
    assert normal_value("birth_date", "May 1970") == "1970-05"
    assert normal_value("birth_date", "04/05/1970") == "04/05/1970"  # which is the month is not guessed
    assert normal_value("occupation", "The Café owner.") == "cafe owner"
    assert pairs_of({"hobbies": "chess, go and tennis"}) == pairs_of({"interests": "Tennis; chess; go"})
    assert raw_pairs({"hobbies": "chess; go"}) != raw_pairs({"interests": "chess; go"})


SPELLED = st.lists(
    st.sampled_from(["a", "The", "an", '"x"', "x.", "'", "on", "4", "May", "1970", "May,", "two", "Café"])
)


@given(st.text(max_size=20), st.text(max_size=30) | SPELLED.map(" ".join))
def test_spelling_a_second_time_changes_nothing(key: str, value: str) -> None:
    once = normal_key(key)
    assert normal_key(once) == once
    for name in ("birth_date", "children", "interests", once):
        plain = normal_value(name, value)
        assert normal_value(name, plain) == plain
        assert normal_value(name, f" {value.upper()} ") == normal_value(name, value.upper())


@given(LEARNED)
@settings(deadline=None)
def test_histories_lose_nothing_and_hold_one_value_at_a_time(learned: list[tuple[str, str, str]]) -> None:
    history = History()
    for key, value, at in learned:
        before = len(history.facts)
        history.learn(key, value, at)
        assert len(history.facts) >= before
        assert normal_value(normal_key(key), value) in {
            normal_value(normal_key(key), one) for one in history.at(at)[normal_key(key)].split("; ")
        }  # what was just told holds from that day on
        again = list(history.facts)
        assert history.learn(key, value, at) == "keep"
        assert history.facts == again  # the same fact twice is none
    for day in {at for _, _, at in learned}:
        for key in {fact.key for fact in history.facts}:
            held = [fact for fact in history.facts if fact.key == key and fact.holds_at(day)]
            plain = [normal_value(key, fact.value) for fact in held]
            assert len(set(plain)) == len(plain)
            assert is_list(key) or len(held) <= 1
    told = {(normal_key(key), normal_value(normal_key(key), value)) for key, value, _ in learned}
    assert {(fact.key, normal_value(fact.key, fact.value)) for fact in history.facts} == told


def test_contradictions_close_what_held_and_late_evidence_finds_its_place() -> None:
    history = History()
    assert history.learn("residence", "Lyon", "2020-01-01") == "insert"
    assert history.learn("residence", "Rome", "2022-01-01") == "modify"
    assert history.learn("residence", "Oslo", "2021-01-01") == "modify"  # told late
    spans = {fact.value: (fact.since, fact.until) for fact in history.facts}
    assert spans == {
        "Lyon": ("2020-01-01", "2021-01-01"),
        "Oslo": ("2021-01-01", "2022-01-01"),
        "Rome": ("2022-01-01", ""),
    }
    assert history.learn("residence", "Lyon", "2019-01-01") == "extend"
    assert history.at("2019-06-01") == {"residence": "Lyon"}
    assert history.at("2018-06-01") == {}
    assert history.learn("residence", "Bonn", "2022-01-01") == "modify"  # the same day: told last counts, none is lost
    assert [fact.value for fact in history.contradicted()] == ["Rome"]
    assert history.at("2023-01-01") == {"residence": "Bonn"}
    assert history.end("residence", "", "2024-01-01")
    assert not history.end("residence", "", "2024-01-01")
    assert history.at("2024-01-01") == {}
    assert len(history.facts) == 4


def test_nothing_enters_from_system_messages_or_the_assistant() -> None:
    history = History()
    history.learn("residence", "Lyon", "2020-01-01")
    known = list(history.facts)
    assert history.learn("residence", "Mars", "2021-01-01", role="system") == "refused"
    assert history.learn("diet", "vegan", "2021-01-01", role="assistant") == "refused"
    assert not history.end("residence", "", "2021-01-01", role="system")
    assert history.facts == known


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (("residence", "Lyon", "May 2020", 1.0), "is no day"),
        (("residence", "Lyon", "20200101", 1.0), "is no day"),
        (("residence", " ", "2020-01-01", 1.0), "says nothing"),
        (("residence", "Lyon", "2020-01-01", 1.5), "is no probability"),
    ],
)
def test_what_is_no_fact_is_refused(what: tuple[str, str, str, float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        History().learn(*what[:3], confidence=what[3])


@given(PROFILES, PROFILES)
def test_edits_lead_from_one_profile_to_the_other(old: dict[str, str], new: dict[str, str]) -> None:
    assert pairs_of(apply_edits(old, diff_profiles(old, new))) == pairs_of(new)
    assert diff_profiles(old, dict(old)) == []


def test_edits_of_lists_and_fields() -> None:
    assert diff_profiles({"Job": "a Pilot"}, {"occupation": "pilot"}) == []
    assert apply_edits({"interests": "chess; go"}, [Edit("remove", "hobbies", "Chess")]) == {"interests": "go"}
    assert apply_edits({"interests": "chess; go"}, [Edit("remove", "interests")]) == {}
    assert apply_edits({"diet": "vegan"}, [Edit("modify", "diet", " ")]) == {"diet": "vegan"}


def test_scores_of_known_overlap() -> None:
    assert near_hits({("residence", "lyons"), ("diet", "vegan")}, {("residence", "lyon"), ("name", "vegan")}) == 1
    assert near_hits({("residence", "rome")}, {("residence", "oslo")}) == 0
    assert rouge_l("a b c d", "a c d e") == pytest.approx(0.75)
    assert rouge_l("", "a") == 0
    # 4-grams: 1 of 2; 3-grams 2 of 3; 2-grams 3 of 4; words 4 of 5; as long as the truth.
    assert bleu(bleu_counts("a b c d x", "a b c d e")) == pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)
    assert bleu(bleu_counts("a b c d", "a b c d e f g h")) == pytest.approx(np.exp(1 - 8 / 4))
    assert written({"name": "Ann", "Job": "pilot"}) == "name: Ann | occupation: pilot"
