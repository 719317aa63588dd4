"""What an item measures: by its published key where it is known, else by its words."""

from __future__ import annotations

import pytest

from personae.instrument import list_instruments, load_instrument
from personae.persona import BIG_FIVE
from personae.respondent.items import Loading, loading_of, plain_item

E, A, C, N, O = BIG_FIVE  # noqa: E741  # the field's letters

LIBRARY = tuple(key for key in list_instruments() if not load_instrument(key).is_structure_only)
KEYED = tuple(key for key in LIBRARY if all(scale.trait for scale in load_instrument(key).scales))
"""Instruments whose scales measure what a persona may have."""


def keyed(key: str) -> dict[str, set[tuple[str, int]]]:
    """Trait and sign that an instrument's own scales give to every item."""
    instrument = load_instrument(key)
    signs: dict[str, set[tuple[str, int]]] = {item: set() for item in instrument.item_ids}
    for scale in instrument.scales:
        for item in scale.items:
            signs[item].add((scale.trait, (-1 if item in scale.reverse else 1) * scale.direction))
    return {item: {pair for pair in pairs if pair[0]} for item, pairs in signs.items()}


def domain(trait: str) -> str:
    return ".".join(trait.split(".")[:2])


def shared() -> dict[str, set[tuple[str, int]]]:
    """Domain and sign of every item of the library, by its words: instruments may share one and differ in its key."""
    found: dict[str, set[tuple[str, int]]] = {}
    for key in LIBRARY:
        texts = load_instrument(key).items
        for item, pairs in keyed(key).items():
            found.setdefault(plain_item(texts[item]), set()).update((domain(trait), sign) for trait, sign in pairs)
    return found


def spellings(stem: str, text: str) -> list[str]:
    """One item as different forms print it."""
    stem = f"{stem} " if stem else ""
    bare = text.rstrip(".")
    texts = [text, bare, f"{bare}.", text.replace("'", "’"), text.upper(), f"  {text} "]
    return [*texts, *(f"{stem}{each}" for each in texts), f"“{stem}{text}”", f'"{stem}{bare}."']


def test_instruments_that_share_an_item_agree_on_its_key_but_for_two() -> None:
    big_five = {words: {pair for pair in pairs if pair[0] in BIG_FIVE} for words, pairs in shared().items()}
    assert {words for words, pairs in big_five.items() if len(pairs) > 1} <= {
        "feel others' emotions",
        "am not really interested in others",
    }


@pytest.mark.parametrize("key", KEYED)
def test_every_item_of_the_library_has_its_published_key_in_every_wording(key: str) -> None:
    instrument, keys = load_instrument(key), shared()
    wordings = [(instrument.stem, instrument.items), *(("", wording.items) for wording in instrument.wordings)]
    wrong = [
        (item, text, found)
        for stem, texts in wordings
        for item in instrument.item_ids
        for text in spellings(stem, texts[item])
        if (found := loading_of(text)) is None
        or not found.is_known
        or (domain(found.trait), found.sign) not in keys[plain_item(instrument.items[item])]
    ]
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("key", LIBRARY)
def test_an_item_loads_alike_in_every_wording(key: str) -> None:
    instrument = load_instrument(key)
    for item, text in instrument.items.items():
        loadings = {loading_of(wording.items[item]) for wording in instrument.wordings}
        assert loadings <= {loading_of(text)}


def test_items_of_facet_scales_load_on_the_facet() -> None:
    instrument = load_instrument("ipip-neo-120")
    for scale in instrument.scales:
        if not scale.within:
            continue
        for item in scale.items:
            found = loading_of(instrument.items[item])
            assert found is not None
            assert found.trait == scale.trait


@pytest.mark.parametrize(
    "text",
    [
        "I see myself as someone who is talkative",
        "I am someone who is talkative.",
        "You are talkative",
        "Is talkative",
        "I'm talkative",
        "Do you see yourself as someone who is talkative?",
        "I see myself as: someone who is talkative",
        "is  talkative",
    ],
)
def test_person_stem_and_stop_do_not_change_which_item_it_is(text: str) -> None:
    assert plain_item(text) == "am talkative"
    assert loading_of(text) == loading_of("Is talkative")


UNKNOWN = [
    ("I start chatting with people on the bus.", E, 1),
    ("I like being the centre of attention at weddings.", E, 1),
    ("I would rather stay at home than go to a party.", E, -1),
    ("I keep my thoughts to myself in meetings.", E, -1),
    ("I find it draining to be around crowds.", E, -1),
    ("I invite my neighbours for dinner often and enjoy their company.", E, 1),
    ("I comfort colleagues who had a bad day.", A, 1),
    ("I forgive people quickly.", A, 1),
    ("I believe that most strangers can be trusted.", A, 1),
    ("I enjoy insulting people who annoy me.", A, -1),
    ("I take advantage of people who are weaker.", A, -1),
    ("I hold a grudge for years.", A, -1),
    ("I make a list before I go shopping.", C, 1),
    ("I double-check my work.", C, 1),
    ("I hand in reports before the deadline.", C, 1),
    ("I put off unpleasant chores.", C, -1),
    ("I leave dirty dishes in the sink for days.", C, -1),
    ("I forget where I left my keys.", C, -1),
    ("I lie awake and worry about tomorrow.", N, 1),
    ("I panic when plans fail.", N, 1),
    ("I feel worthless after small mistakes.", N, 1),
    ("I burst into tears for no good reason.", N, 1),
    ("I stay calm in an emergency.", N, -1),
    ("I recover quickly from bad news.", N, -1),
    ("I hardly ever feel nervous.", N, -1),
    ("I write poems.", O, 1),
    ("I love to discuss philosophy.", O, 1),
    ("I daydream about other worlds.", O, 1),
    ("I find museums boring.", O, -1),
    ("I prefer familiar routines to anything new.", O, -1),
    ("I do not enjoy art exhibitions.", O, -1),
]


def test_items_that_are_in_no_instrument_are_read_by_their_words() -> None:
    known = {plain_item(text) for key in LIBRARY for text in load_instrument(key).items.values()}
    assert not known & {plain_item(text) for text, _, _ in UNKNOWN}
    right = [
        (found := loading_of(text)) is not None and (found.trait, found.sign) == (trait, sign)
        for text, trait, sign in UNKNOWN
    ]
    missed = [text for text, is_right in zip(UNKNOWN, right, strict=True) if not is_right]
    assert sum(right) >= 0.9 * len(UNKNOWN), missed


def test_words_that_speak_of_no_trait_load_on_none() -> None:
    for text in ("I own a bicycle.", "My shoes are brown.", "I live near a river.", "", "?", "I was born in March."):
        assert loading_of(text) is None


def test_negating_an_unknown_item_turns_it() -> None:
    for text in ("I talk to strangers on trains.", "I make lists of everything I plan.", "I worry about money."):
        one, other = loading_of(text), loading_of(text.replace("I ", "I never ", 1))
        assert one is not None
        assert other is not None
        assert (one.trait, one.sign) == (other.trait, -other.sign)


def test_items_differ_within_the_stated_bounds() -> None:
    found = [loading_of(text) for text in load_instrument("bfi-44").items.values()]
    loadings = [loading for loading in found if loading is not None]
    assert all(2.4 <= loading.discrimination <= 3.2 and abs(loading.difficulty) <= 0.3 for loading in loadings)
    assert len({loading.discrimination for loading in loadings}) > 40
    unknown = [loading for text, _, _ in UNKNOWN if (loading := loading_of(text)) is not None]
    assert all(1.8 <= loading.discrimination <= 2.4 for loading in unknown)


def test_a_person_stands_on_an_item_by_facet_then_domain_then_mean_of_facets() -> None:
    trust = "big_five.agreeableness.trust"
    item = Loading(trust, -1, 2.0, 0.0, is_known=True)
    assert item.theta({trust: 1.0, A: 2.0}) == -1.0
    assert item.theta({A: 2.0}) == -2.0
    assert item.theta({"big_five.agreeableness.altruism": 1.0, "big_five.agreeableness.modesty": 2.0}) == -1.5
    assert item.theta({E: 2.0}) == 0.0
    broad = Loading(A, 1, 2.0, 0.0, is_known=True)
    assert broad.theta({trust: 1.0}) == 1.0


def test_who_is_told_in_words_of_the_big_five_stands_near_that_on_scales_of_other_models() -> None:
    loading = loading_of("Talk a lot.")  # of the IPIP-HEXACO alone
    assert loading is not None
    assert loading.theta({E: 2.0}) == 2.0
    assert loading.theta({"hexaco.extraversion": -1.0, E: 2.0}) == -1.0
    assert loading.theta({N: 2.0}) == 0.0


def test_an_item_of_another_model_is_known_by_the_big_five_where_they_share_it() -> None:
    loading = loading_of("Am the life of the party.")
    assert loading is not None
    assert loading.trait.startswith(E)
