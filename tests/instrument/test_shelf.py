"""Reading questionnaires: from the library by key, from files of the user, and what is said of malformed ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from personae.errors import InputError
from personae.instrument import list_instruments, load_instrument, read_instrument

MOOD = """\
key = "mood"
version = "1"
title = "Two moods"
citation = "Example (2026)"
language = "en"
stem = "Today"

[licence]
name = "CC0-1.0"
is_commercial_use_free = true

[[options]]
value = 1
label = "no"
[[options]]
value = 2
label = "yes"

[items]
10 = "I am glad."
9 = "I am sad – très triste."

[[scales]]
key = "glad"
title = "Gladness"
items = [10, 9]
reverse = [9]
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    """Write a questionnaire and give its path."""

    def write(text: str) -> Path:
        path = tmp_path / "mood.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def replaced(old: str, new: str) -> str:
    """The sound file with one passage replaced; the passage must be there, or a test would test nothing."""
    assert MOOD.count(old) == 1
    return MOOD.replace(old, new)


# The library.


def test_the_library_lists_its_keys_in_order_without_endings() -> None:
    keys = list_instruments()
    assert list(keys) == sorted(keys)
    assert "bfi-44" in keys
    assert not any(key.endswith(".toml") for key in keys)


def test_listing_reads_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise AssertionError("a file was read")

    list_instruments.cache_clear()
    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    assert list_instruments()


@pytest.mark.parametrize("key", list_instruments())
def test_every_listed_instrument_loads_under_its_own_key(key: str) -> None:
    assert load_instrument(key).key == key


def test_an_instrument_of_the_library_is_parsed_once() -> None:
    assert load_instrument("bfi-44") is load_instrument("bfi-44")


@pytest.mark.parametrize("key", list_instruments())
def test_the_hash_of_a_library_file_is_the_same_wherever_it_is_read(key: str, tmp_path: Path) -> None:
    import personae.instrument

    text = (Path(personae.instrument.__file__).parent / "library" / f"{key}.toml").read_text(encoding="utf-8")
    copy = tmp_path / "copy.toml"
    copy.write_text(text, encoding="utf-8")
    read = read_instrument(copy)
    assert read is not load_instrument(key)
    assert read.hash == load_instrument(key).hash


@pytest.mark.parametrize("key", list_instruments())
def test_one_changed_word_of_a_library_file_changes_its_hash(key: str, tmp_path: Path) -> None:
    import personae.instrument

    text = (Path(personae.instrument.__file__).parent / "library" / f"{key}.toml").read_text(encoding="utf-8")
    number, first = next(iter(load_instrument(key).items.items()))
    # A form without texts has words in its options alone.
    old, new = (f'\n{number} = "{first}', " indeed") if first else (', label = "', "indeed ")
    assert old in text
    copy = tmp_path / "copy.toml"
    copy.write_text(text.replace(old, old + new, 1), encoding="utf-8")
    assert read_instrument(copy).hash != load_instrument(key).hash


@pytest.mark.parametrize(("wrong", "meant"), [("bfi44", "bfi-44"), ("BFI-44", "bfi-44"), ("mini-ipip", "mini-ipip-20")])
def test_a_key_that_is_nearly_right_is_put_right(wrong: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        load_instrument(wrong)
    assert f"no instrument is called {wrong!r}" in str(caught.value)
    assert f"did you mean {meant!r}?" in caught.value.remedy


@pytest.mark.parametrize("wrong", ["", "zodiac", "../bfi-44", "library/bfi-44"])
def test_a_key_that_is_not_in_the_library_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="no instrument is called") as caught:
        load_instrument(wrong)
    assert "\n" not in str(caught.value)
    assert ".toml" in caught.value.remedy


def test_a_key_far_from_all_others_lists_them() -> None:
    with pytest.raises(InputError) as caught:
        load_instrument("zodiac")
    assert caught.value.remedy == f"the library has {', '.join(list_instruments())}. A file of yours ends in .toml"


# Files of the user.


def test_a_file_is_read_with_its_items_in_its_own_order(file: Callable[[str], Path]) -> None:
    mood = read_instrument(file(MOOD))
    assert mood.item_ids == ("10", "9")
    assert mood.items["9"] == "I am sad – très triste."
    assert mood.scale("glad").reverse == ("9",)
    assert (mood.stem, mood.lowest, mood.highest) == ("Today", 1, 2)


def test_a_name_that_ends_in_toml_is_a_file(file: Callable[[str], Path]) -> None:
    assert load_instrument(str(file(MOOD))).key == "mood"


def test_a_file_is_read_anew_each_time(file: Callable[[str], Path]) -> None:
    before = load_instrument(str(file(MOOD)))
    after = load_instrument(str(file(replaced("I am glad.", "I am happy."))))
    assert (before.items["10"], after.items["10"]) == ("I am glad.", "I am happy.")


def test_a_file_may_have_the_key_of_a_library_instrument(file: Callable[[str], Path]) -> None:
    mine = load_instrument(str(file(replaced('key = "mood"', 'key = "bfi-44"'))))
    assert len(mine.items) == 2
    assert len(load_instrument("bfi-44").items) == 44


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_an_editor_adds_does_not_matter(tmp_path: Path, mark: bytes, ending: str) -> None:
    plain, edited = tmp_path / "plain.toml", tmp_path / "edited.toml"
    plain.write_text(MOOD, encoding="utf-8")
    edited.write_bytes(mark + MOOD.replace("\n", ending).encode())
    assert read_instrument(edited).hash == read_instrument(plain).hash


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(InputError, match="cannot be read") as caught:
        load_instrument(str(path))
    assert caught.value.where == str(path)


def test_a_folder_is_not_a_questionnaire(tmp_path: Path) -> None:
    path = tmp_path / "folder.toml"
    path.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_instrument(path)


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(MOOD.replace("–", "-").encode("latin-1"))
    with pytest.raises(InputError, match="is not UTF-8 text; save it as UTF-8"):
        read_instrument(path)


# Malformed files: one line that names the place.

MALFORMED: Mapping[str, tuple[str, str]] = {
    "a value without quotes": (replaced('title = "Two moods"', "title = Two moods"), "mood.toml: is not TOML: "),
    "an item number twice": (replaced('9 = "I am sad', '10 = "I am sad'), "mood.toml: is not TOML: "),
    "a missing field": (replaced('title = "Two moods"\n', ""), "mood.toml: title: Field required"),
    "an unknown field": (replaced('stem = "Today"', 'stam = "Today"'), "mood.toml: stam: Extra inputs"),
    "a field of a wrong type": (replaced("value = 2", 'value = "two"'), "mood.toml: options.1.value: Input should be"),
    "a number for a text": (replaced('"I am glad."', "3"), "mood.toml: items.10: Input should be a valid string"),
    "a list that is none": (replaced("reverse = [9]", "reverse = 9"), "mood.toml: scales.0.reverse: Input should be"),
    "options out of order": (replaced("value = 2", "value = 0"), "mood.toml: options: options are listed by rising"),
    "an unknown item": (
        replaced("[10, 9]", "[10, 9, 8]"),
        "mood.toml: scale 'glad' names items that do not exist: ['8']",
    ),
    "a stray reversed item": (replaced("[10, 9]", "[10]"), "mood.toml: scale 'glad' reverses items that it does not"),
    "an item without a text": (replaced("I am glad.", ""), "mood.toml: items without a text: ['10']"),
    "an empty file": ("", "mood.toml: key: Field required (and 7 more)"),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_file_is_named_with_the_place_in_one_line(fault: str, file: Callable[[str], Path]) -> None:
    text, what = MALFORMED[fault]
    path = file(text)
    with pytest.raises(InputError) as caught:
        read_instrument(path)
    message = str(caught.value)
    assert message.startswith(str(path.parent))
    assert what in message
    assert "\n" not in message
    assert caught.value.remedy
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(("old", "line"), [('title = "Two moods"', 3), ('language = "en"', 5), ("reverse = [9]", 27)])
def test_a_fault_of_syntax_names_its_line(old: str, line: int, file: Callable[[str], Path]) -> None:
    with pytest.raises(InputError, match=rf"at line {line}, "):
        read_instrument(file(replaced(old, f"{old} ]")))


def test_a_fault_is_counted_once(file: Callable[[str], Path]) -> None:
    with pytest.raises(InputError) as caught:
        read_instrument(file(replaced("value = 2", 'value = "two"')))
    assert "more)" not in str(caught.value)


def test_two_faults_are_counted(file: Callable[[str], Path]) -> None:
    twice = replaced("value = 2", 'value = "two"').replace("value = 1", 'value = "one"')
    with pytest.raises(InputError, match=r"options\.0\.value: .* \(and 1 more\)"):
        read_instrument(file(twice))
