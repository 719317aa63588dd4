from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from personae.text import TRAIT_WORDS, Lexicon, open_lexicon, tokenize
from personae.text.lexicon import entry_words

PARENTS = {
    "function": "i we you she_he they impersonal_pronoun article preposition auxiliary_verb negation conjunction "
    "adverb quantifier number",
    "pronoun": "i we you she_he they impersonal_pronoun",
    "affect": "positive_emotion negative_emotion anxiety anger sadness",
    "negative_emotion": "anxiety anger sadness",
    "social": "family friends people prosocial conflict politeness affiliation",
    "cognition": "insight cause discrepancy tentative certainty differentiation",
    "perception": "see hear feel",
    "drives": "achievement power reward risk",
    "lifestyle": "work order_planning leisure home money art_culture travel nature food health body",
    "exploration": "novelty imagination",
    "withdrawal": "solitude quiet",
}
ALONE = "past_focus present_focus future_focus assent filler swear energy"
CLOSED = "i we you she_he they article conjunction assent filler swear quantifier"


def _categories() -> dict[str, dict[str, Any]]:
    text = (files("personae.text") / "data" / "open_categories.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = tomllib.loads(text)["categories"]
    return found


WORDS: dict[str, list[str]] = {key: row.get("words", "").split() for key, row in _categories().items()}


def _hit(word: str) -> frozenset[str]:
    """Categories of a word or phrase as it stands in a text."""
    return frozenset(key for key, times in open_lexicon().count(word).counts.items() if times)


def test_the_families_are_as_described() -> None:
    lexicon = open_lexicon()
    assert lexicon.name == "personae-open-categories"
    expected = {key for keys in PARENTS.values() for key in keys.split()} | set(PARENTS) | set(ALONE.split())
    assert {category.key for category in lexicon.categories} == expected
    for parent, children in PARENTS.items():
        for child in children.split():
            assert parent in _hit(WORDS[child][0].rstrip("*").replace("_", " ")), (child, parent)


def test_the_lexicon_is_loaded_once_and_its_hash_is_stable() -> None:
    assert open_lexicon() is open_lexicon()
    script = "from personae.text import open_lexicon; print(open_lexicon().hash)"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == open_lexicon().hash


@pytest.mark.parametrize("key", [key for key, words in WORDS.items() if words])
def test_entries_are_lower_case_spelled_as_tokens_and_not_repeated(key: str) -> None:
    words = WORDS[key]
    assert len(words) == len(set(words))
    for word in words:
        assert re.fullmatch(r"[a-zé0-9']+\*?(_[a-z']+\*?)*", word), word
        assert " ".join(entry_words(word.replace("_", " "))) == word.replace("_", " ")


@pytest.mark.parametrize("key", [key for key, words in WORDS.items() if words and key not in CLOSED.split()])
def test_open_categories_have_at_least_forty_entries(key: str) -> None:
    assert len(WORDS[key]) >= 40


@pytest.mark.parametrize("key", [key for key, words in WORDS.items() if words])
def test_stems_have_four_letters_and_no_idle_entry_beside_them(key: str) -> None:
    for stem in (word for word in WORDS[key] if word.endswith("*")):
        bare = stem.rpartition("_")[2].rstrip("*")
        assert len(bare) >= 4 or re.fullmatch(r"\d", bare), stem  # a digit stands for the numbers that begin with it
        if "_" not in stem:
            assert [word for word in WORDS[key] if word.startswith(bare) and word != stem and "_" not in word] == []


# Words that begin like an entry, or like a stem that would be tempting, and have nothing to do with its category.
FALSE_FRIENDS = {
    "positive_emotion": """
        zealand lovelorn adorn adornment thriller contents optimise passionfruit superbowl superbugs celebrity
        pleasantries treasurer perfectionist warmonger greatcoat charmer
    """,
    "negative_emotion": """
        painter paintings painstaking badge badger meanwhile agonist miserly badminton upsetters uglify
    """,
    "anxiety": """
        terrorist terrorists tenses fearless scarf scarves ruminant jitterbug tremblay shyster nervelessly
        dreadlocks panicle
    """,
    "anger": "madam madrid madison ragged spite ratemaking brutalist moroni temperature angle offense",
    "sadness": "saddle saddles crystal depressurize depressurized grievance tearing sobriety sober",
    "family": """
        grandmaster momentum moment sony sonata parentheses marriott fathom mothership brotherless sistine dadaism
        kindred
    """,
    "friends": "friendless material matter palace partly pallet",
    "people": "personality personal manual manner guyana ladybird ladle kidney menu mental humane boycott",
    "prosocial": """
        careful career careless kindergarten helpless helmet console consolidate guideline serverless offertory
        healthy supportable
    """,
    "conflict": """
        harmony harmonica feudal accustomed protestant consoles battery warmth warm warning killjoy insulated
        opposite hostel attaché console bickerton
    """,
    "politeness": "courtesan pleased pleasure sorrow thankless hill hiking byte sirius dearth",
    "affiliation": """
        belongings groupthink meeting conversely conversion chateau visitation socialism unique unicorn talkative
    """,
    "insight": """
        wonderful considerable considerate ideal ideals realism realistic deciduous mindless reasonable thoughtless
        meander recognisance comprehensive
    """,
    "cause": "causeway caustic ensure effectiveness reactor forceps makeup ledger createur stemware",
    "discrepancy": "needle needles wanton gaping wishbone wronged lacklustre idealist craven cravat hopeless longitude",
    "tentative": "mayor maybelline chancellor seamstress appearance ort iffy guesthouse speculum",
    "certainty": """
        truck trudge surf surface factory faction exacting evermore neverland promiscuous provenance provence
        clearance
    """,
    "differentiation": "exceptional diversion divers elsewhere butter orchid thane ifs excellent variable dividend",
    "see": """
        seed seek seesaw sawdust sawyer viewpoint lightweight lighten redeem redo blueprint greenhouse blurb glower
        peerless eyelash peekskill glancy
    """,
    "hear": """
        heart hearth earl early earn ringleader humble humid bangladesh belly chatterjee whistleblower thunderbird
        tuner barkley clapham
    """,
    "feel": """
        touchdown skinny hotel hottentot coldplay freezer warmonger pattern achieve kissinger stinger burnley
        holdings smoothie pinchbeck dryad gripe
    """,
    "achievement": """
        winter window wind earnest improvise triton tryst succession successor excelsior aspirin aspirins victorian
        victoria skillet pursuant
    """,
    "power": """
        kingston kingfisher lawn lawyer lawsuit weakling forceps bossa impossible impostor tyrannosaurus armyworm
        leaden leadeth queensland princeton
    """,
    "reward": "treatment treaty meritless gainsay prospero perky thriller receipt",
    "risk": """
        betray better beta harmony emergence expository safeway guardian warner ventura venturi threadbare
        stakeholder doomsday
    """,
    "work": """
        taskbar internal international classic classical labrador labyrinth passport testament testify officer
        official
    """,
    "order_planning": """
        planet plant plane plankton listen listener organism organic thoroughbred thoroughfare dutch tracker
        neatherd rulers
    """,
    "leisure": """
        gamete barn barrel bargain puberty bandage banded partisan sportscar toyota funeral function parting spartan
        filmy spay
    """,
    "home": """
        homeopathy homer homeless homework homicide bedlam bedouin roommate rental wallaby wallet tablet tablespoon
        chairman renter
    """,
    "money": """
        taxi taxonomy investigate investigation fundamental coincide costume costa insurgent billow cashew centre
        feed feet marketing stockholm sellotape
    """,
    "art_culture": """
        article artery arthritis artillery paintball poetaster orchestrate orchestrated booking bookkeeper singe
        singed dramatically designate authority sketchy talent craftily
    """,
    "travel": """
        carpet care career careful cart buster business busy trainer training department tournament tourniquet
        shipment mapping planet cabinet cable roadie arriva commutative drivel
    """,
    "nature": """
        sunday sundry starch stare start search seat windows winding fieldwork rockstar cater catalog
        category cathedral dogma dogged horizontal bearing meadowbrook springboard bloomberg hillary streaming
        stormtrooper rainer beer
    """,
    "food": """
        eaton teacher team teapot pier piety breadth butterfly hamlet appleton saltire ricochet saladin ministry
        bitewing pastime sipper
    """,
    "health": """
        hospitality illegal illusion illuminate pillow pillar patient doctorate nursery coughlin flute fluent curent
        medieval gymnast
    """,
    "body": """
        headline header facebook facet handle handsome handbook army armour sweater sweaters leggings legal legend
        chinese china limbo necklace breathtaking hippo toenail palmer footage footnote heartland eyeing
    """,
    "past_focus": "wasp hadrian saidi gotham camera wentworth didgeridoo",
    "present_focus": "island area amend isle nowhere",
    "future_focus": "willow willing shallow nextdoor destination planet",
    "swear": """
        hello shell helmet assess asset assume class shiitake shitake arsenal arsenic crape dickens pissarro cockpit
        suckle
    """,
    "novelty": "newspaper news newcastle inventory freshman newton changeover foreigner",
    "imagination": "fantastic mustard museum ideology legendre createur",
    "solitude": "shyster hermitage hideous privateer soldier",
    "quiet": "calmodulin stillborn tranquilizer muffler mufflers softball restaurant",
    "energy": """
        runway rune brisket busyness hustler fastener fasten quicksand speedo dashboard pepper moveable leapfrog
        actionable raceme spinach kickstarter pushkin whirlpool frenzel activist
    """,
    "number": "oneness tension tentacle tenant ninetyfold halfway secondary onerous",
    "negation": "notice note nonetheless norm northern know noon",
    "quantifier": "allow allowed bunchy bitter manyplies",
    "assent": "yesterday sureness okra",
    "filler": "umbrella err ermine ahead ohio uhlan",
}


@pytest.mark.parametrize("key", FALSE_FRIENDS)
def test_words_that_only_begin_alike_are_not_counted(key: str) -> None:
    lexicon = open_lexicon()
    assert [word for word in FALSE_FRIENDS[key].split() if key in lexicon.categories_of(word)] == []


TYPICAL = {
    "i": "I've hurt myself, it's mine.",
    "we": "Let's ask ourselves whose it is: ours.",
    "you": "You're right, it is yours.",
    "she_he": "She'd seen him and his sister.",
    "they": "They'll keep it to themselves.",
    "impersonal_pronoun": "Nobody knows who did that.",
    "article": "An apple, a pear, the plum.",
    "preposition": "Between us, under the bridge.",
    "auxiliary_verb": "We should've gone; he doesn't care.",
    "negation": "I couldn't; never.",
    "conjunction": "Although it rained, we went.",
    "adverb": "Suddenly it stopped again.",
    "quantifier": "A lot of people and several dogs.",
    "number": "In 2019 he bought 3rd-hand two cars.",
    "positive_emotion": "We were delighted and laughed.",
    "negative_emotion": "It was an awful disappointment.",
    "anxiety": "She worried and trembled with nervousness.",
    "anger": "He hated them and was furious.",
    "sadness": "He wept, lonely and miserable.",
    "family": "My grandmother's brother and our cousins.",
    "friends": "Two pals and my best friend.",
    "people": "A crowd of strangers and children.",
    "prosocial": "She volunteered to help.",
    "conflict": "They argued and fought.",
    "politeness": "Thank you, sir, and my apologies.",
    "affiliation": "We gathered as a team.",
    "insight": "I realized that I didn't understand.",
    "cause": "It happened because of this, hence the result.",
    "discrepancy": "You should have; I wish you would.",
    "tentative": "Perhaps it might rain.",
    "certainty": "It is absolutely certain, of course.",
    "differentiation": "But this one is different.",
    "see": "He glanced at the bright picture.",
    "hear": "I heard a whisper and a loud voice.",
    "feel": "It felt soft, warm to the touch.",
    "achievement": "She won by effort and ambition.",
    "power": "The leader commands an army.",
    "reward": "He received a bonus.",
    "risk": "Beware of danger; be careful.",
    "work": "My boss gave the project a deadline.",
    "order_planning": "I organized a schedule, neatly.",
    "leisure": "We played games and watched movies.",
    "home": "The kitchen and the bedroom of our apartment.",
    "money": "He spent forty dollars and owes the bank.",
    "art_culture": "A painting in the museum, a poem.",
    "travel": "We took a flight and then a train.",
    "nature": "Birds in the forest by the river.",
    "food": "We ate breakfast and drank coffee.",
    "health": "The doctor gave me pills for my headache.",
    "body": "My hands, my knees and my stomach.",
    "past_focus": "Yesterday we walked and saw it.",
    "present_focus": "Now he thinks and works.",
    "future_focus": "Tomorrow we'll look forward to it.",
    "assent": "Yeah, okay, uh-huh.",
    "filler": "Um, well, y'know, er.",
    "swear": "Damn this bloody shit.",
    "novelty": "We explored something new and unfamiliar.",
    "imagination": "I imagined a magical dream.",
    "solitude": "Alone, isolated, I withdrew.",
    "quiet": "Silence; a calm and quiet night.",
    "energy": "He ran, jumped, full of energy.",
}


@pytest.mark.parametrize("key", TYPICAL)
def test_a_typical_sentence_hits_its_category_and_meaningless_words_do_not(key: str) -> None:
    assert open_lexicon().count(TYPICAL[key]).counts[key] >= 1
    assert open_lexicon().count("Xylem blorps qua zzyzx.").counts[key] == 0


def test_every_category_with_words_has_a_typical_sentence() -> None:
    assert set(TYPICAL) == {key for key, words in WORDS.items() if words}


CLOSED_CLASSES = {
    "i": "i me my mine myself",
    "we": "we us our ours ourselves",
    "you": "you your yours yourself yourselves",
    "she_he": "he him his himself she her hers herself",
    "they": "they them their theirs themselves",
    "impersonal_pronoun": "it its itself this that these those who whom whose which what whoever whatever whichever "
    "someone somebody something anyone anybody anything everyone everybody everything nobody nothing none one's "
    "oneself other others another",
    "article": "a an the",
    "preposition": "about above across after against along among around at before behind below beneath beside between "
    "beyond by despite down during except for from in inside into like near of off on onto out outside over past per "
    "since than through throughout till to toward towards under underneath until up upon via with within without",
    "auxiliary_verb": "am is are was were be been being have has had having do does did can could may might must shall "
    "should will would ought cannot",
    "negation": "no not never none nor neither nobody nothing nowhere cannot",
    "conjunction": "and but or nor so yet because although though unless until while whereas if whether as than since "
    "when whenever wherever lest once",
    "number": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million first "
    "second third tenth once twice 0 7 42 1999 1,000 3.5 21st",
    "quantifier": "all any both each either every few fewer less little many more most much neither none several some",
}


@pytest.mark.parametrize("key", CLOSED_CLASSES)
def test_closed_classes_of_english_are_complete(key: str) -> None:
    lexicon = open_lexicon()
    assert [word for word in CLOSED_CLASSES[key].split() if key not in lexicon.categories_of(word)] == []


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("I'm", "i auxiliary_verb"),
        ("we’ll", "we auxiliary_verb future_focus"),
        ("they're", "they auxiliary_verb present_focus"),
        ("isn't", "auxiliary_verb negation"),
        ("dont", "auxiliary_verb negation"),
        ("couldn't", "auxiliary_verb negation discrepancy"),
        ("it's", "impersonal_pronoun auxiliary_verb"),
        ("she'd", "she_he auxiliary_verb"),
    ],
)
def test_contractions_count_for_all_their_parts(word: str, keys: str) -> None:
    assert set(keys.split()) <= open_lexicon().categories_of(word)


def test_every_contraction_of_a_pronoun_and_an_auxiliary_counts_as_both() -> None:
    lexicon = open_lexicon()
    endings = {"i": ["m", "ve", "ll", "d"], "we": ["re", "ve", "ll", "d"], "you": ["re", "ve", "ll", "d"]}
    endings |= {
        "they": ["re", "ve", "ll", "d"],
        "he": ["s", "ll", "d"],
        "she": ["s", "ll", "d"],
        "it": ["s", "ll", "d"],
    }
    for pronoun, tails in endings.items():
        for tail in tails:
            found = lexicon.categories_of(f"{pronoun}'{tail}")
            assert {"pronoun", "function", "auxiliary_verb"} <= found, (pronoun, tail)
            assert lexicon.categories_of(pronoun) <= found


def test_every_negated_auxiliary_counts_as_both() -> None:
    stems = "is are was were do does did have has had ca could wo would sha should might must need ought ai"
    for verb in stems.split():
        assert {"auxiliary_verb", "negation"} <= open_lexicon().categories_of(f"{verb}n't"), verb


@pytest.mark.parametrize(
    ("text", "keeps", "loses"),
    [
        ("my mother-in-law", "family preposition i", "power"),
        ("no one", "impersonal_pronoun negation", "number"),
        ("of course", "certainty assent preposition", "work"),
        ("well-being", "health", "auxiliary_verb"),
        ("each other", "affiliation impersonal_pronoun", "quantifier"),
        ("I look forward to it", "future_focus preposition i", "see"),
        ("a lot", "article quantifier", "affect"),
        ("thank you", "politeness you", "affect"),
    ],
)
def test_phrases_keep_what_their_words_must_count_for_and_lose_the_rest(text: str, keeps: str, loses: str) -> None:
    found = _hit(text)
    assert set(keeps.split()) <= found
    assert not set(loses.split()) & found


@pytest.mark.parametrize(("one", "other"), [("positive_emotion", "negative_emotion"), ("prosocial", "conflict")])
def test_opposite_categories_share_no_word(one: str, other: str) -> None:
    lexicon = open_lexicon()
    for key, against in ((one, other), (other, one)):
        for word in WORDS[key]:
            if "_" not in word:
                assert against not in lexicon.categories_of(word.rstrip("*")), word


def test_naming_a_trait_of_the_big_five_scores_in_no_category() -> None:
    lexicon: Lexicon = open_lexicon()
    names = {
        word
        for terms in TRAIT_WORDS.values()
        for term in terms
        if len(tokens := tokenize(term)) == 1
        for word in tokens
    }
    assert len(names) > 20
    assert [name for name in names if lexicon.categories_of(name)] == []
