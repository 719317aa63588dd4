from __future__ import annotations

import csv
import io
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.text import Category, Lexicon, dic, read_dic
from personae.text.lexicon import entry_words

FLAT = """%
1\tfunct
02\tweather
125\tgladness
%
rain*\t02
sunny\t2\t0125
the\t001
"""

TREE = """%
1\tverbal (Verbal Things)
\t2\tspoken (Spoken)
\t\t3\tloud (Loud Speech)
\t4\twritten (Written)
5\tother (All Others)
%
shout*\t1\t2\t3
whisper\t2
letter\t4
look* like\t5
kind)\t5
"""


def _write(folder: Path, text: str | bytes, name: str = "own.dic") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_reads_a_flat_dictionary_with_padded_numbers(tmp_path: Path) -> None:
    lexicon = read_dic(_write(tmp_path, FLAT))
    assert lexicon.name == "own"
    assert [category.key for category in lexicon.categories] == ["funct", "weather", "gladness"]
    assert lexicon.entries == {"rain*": ("weather",), "sunny": ("weather", "gladness"), "the": ("funct",)}
    assert lexicon.remarks == ()
    assert lexicon.count("The rain, the sunny day").counts == {"funct": 2, "weather": 2, "gladness": 1}


def test_indentation_of_the_header_makes_children(tmp_path: Path) -> None:
    lexicon = read_dic(_write(tmp_path, TREE))
    assert lexicon.categories == (
        Category("verbal", "Verbal Things"),
        Category("spoken", "Spoken", ("verbal",)),
        Category("loud", "Loud Speech", ("spoken",)),
        Category("written", "Written", ("verbal",)),
        Category("other", "All Others"),
    )
    counts = lexicon.count("A whisper, a letter, and it looks like a kind man.").counts
    assert counts == {"verbal": 2, "spoken": 1, "loud": 0, "written": 1, "other": 2}


def test_indentation_by_spaces_works_and_right_aligned_numbers_make_no_children(tmp_path: Path) -> None:
    spaces = "%\n1 a\n  2 b\n%\nx 1\n"
    assert read_dic(_write(tmp_path, spaces)).categories[1].parents == ("a",)
    aligned = "%\n  9 a\n 10 b\n100 c\n%\nx 9\n"
    assert {category.parents for category in read_dic(_write(tmp_path, aligned)).categories} == {()}


def test_comments_blank_lines_and_any_white_space_are_accepted(tmp_path: Path) -> None:
    text = (
        "\n# mine\n%\n// two kinds\n1   first kind\r\n2\t\tsecond\n\n%\n\nabuse*  \t\t01\t2 \nold  house 1 2\n# end\n"
    )
    lexicon = read_dic(_write(tmp_path, text))
    assert [category.key for category in lexicon.categories] == ["first kind", "second"]
    assert lexicon.entries == {"abuse*": ("first kind", "second"), "old house": ("first kind", "second")}


def test_a_term_on_several_lines_has_the_categories_of_all(tmp_path: Path) -> None:
    assert read_dic(_write(tmp_path, "%\n1 a\n2 b\n%\nx\t1\nx\t2\n")).entries == {"x": ("a", "b")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_utf_8_and_windows_1252_give_the_same_dictionary(tmp_path: Path, encoding: str) -> None:
    lexicon = read_dic(_write(tmp_path, "%\n1\tgefühl\n%\nfröhlich*\t1\ni’m\t1\n".encode(encoding)))
    assert lexicon.entries == {"fröhlich*": ("gefühl",), "i'm": ("gefühl",)}


def test_conditional_categories_count_as_their_second_part_and_are_told(tmp_path: Path) -> None:
    text = "%\n2\tpronoun\n125\tglad\n126\tgood\n253\ttime\n464\tfiller\n%\nlike\t(02 134)125/464\t(02)126\t253\n"
    lexicon = read_dic(_write(tmp_path, text + "sort\t<of>464/125\ngosh\t(2)126\n"))
    assert lexicon.entries == {"like": ("time", "filler"), "sort": ("glad",)}
    assert lexicon.remarks == (
        "line 8: 'like' has '(02 134)125/464', which depends on the context; counted as 464",
        "line 8: 'like' has '(02)126', which depends on the context; not counted",
        "line 9: 'sort' has '<of>464/125', which depends on the context; counted as 125",
        "line 10: 'gosh' has '(2)126', which depends on the context; not counted",
    )


def test_entries_that_hang_on_a_category_and_emoticons_are_left_out_and_told(tmp_path: Path) -> None:
    text = "%\n1\ti\n2\tdiscrep (Discrepancy)\n%\n(discrep) like\t2\n(02) like\t1\n:-)\t1\nkind (of)\t1\n"
    lexicon = read_dic(_write(tmp_path, text))
    assert lexicon.entries == {"kind of": ("i",)}
    assert [remark.split(":")[0] for remark in lexicon.remarks] == ["line 5", "line 6", "line 7"]


def test_undeclared_categories_are_refused_or_told(tmp_path: Path) -> None:
    path = _write(tmp_path, "%\n1\ta\n%\nx\t1\t7\n")
    with pytest.raises(InputError, match=r"own\.dic:4: 'x' has the category 7"):
        read_dic(path)
    lexicon = read_dic(path, skip_unknown=True)
    assert lexicon.entries == {"x": ("a",)}
    assert lexicon.remarks == ("line 4: 'x' has the category 7, which is not declared",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no LIWC dictionary"),
        ("happy 1\n", "begins with 'happy 1'"),
        ("version https://git-lfs.github.com/spec/v1\n", "is no LIWC dictionary"),
        ("%\n1 a\nhappy\n", r"own\.dic:3: 'happy' is no category"),
        ("%\n1 a\n", "the header has no end"),
        ("%\n%\nx 1\n", r"own\.dic:2: the header declares no category"),
        ("%\n1 a\n1 b\n%\nx 1\n", r"own\.dic:3: category 1 'b' is declared twice"),
        ("%\n1 a\n2 a\n%\nx 1\n", r"own\.dic:3: category 2 'a' is declared twice"),
        ("%\n1\n%\nx 1\n", r"own\.dic:2: '1' is no category"),
        ("%\none a\n%\nx 1\n", r"own\.dic:2: 'one a' is no category"),
        ("%\n1 a\n%\nhappy\n", r"own\.dic:4: 'happy' has no category"),
        ("%\n1 a\n%\nhappy\tone\n", r"own\.dic:4: 'one' is no category number"),
        ("%\n1 a\n%\nhappy\t(1\n", r"own\.dic:4: '\(' is no category number"),
        ("%\n1 a\n%\n# nothing\n", "holds no entry"),
        ("%\n1 a\n%\n:)\t1\n", "holds no entry"),
        ("DicTerm\nx\n", r"own\.dic:1: a column has no name"),
        ("DicTerm,a,\nx,X,\n", r"own\.dic:1: a column has no name"),
        ("DicTerm,a,a\nx,X,\n", r"own\.dic:1: two columns share a name"),
        ("DicTerm,a,b\nx,X\ny,,\n", r"own\.dic:3: 'y' has no category"),
        ("DicTerm,a\n,X\n", r"own\.dic:2: a row has no term"),
        ("DicTerm,a\nx,0.5\n", r"own\.dic:2: 'x' is marked '0\.5'; .*weights are not supported"),
        ("DicTerm,a\nx,X,X\n", r"own\.dic:2: has 3 cells where the header has 2"),
        ('DicTerm,a\n"x"y,X\n', r"own\.dic:2: is not CSV"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_dic(_write(tmp_path, text))


def test_files_that_are_not_text_or_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither UTF-8 nor Windows-1252"):
        read_dic(_write(tmp_path, b"%\n1\ta\n%\nx\x81\t1\n"))
    with pytest.raises(InputError, match="neither UTF-8 nor Windows-1252"):
        read_dic(_write(tmp_path, FLAT.encode("utf-16")))
    with pytest.raises(InputError, match="cannot be read"):
        read_dic(tmp_path / "absent.dic")
    with pytest.raises(InputError, match="cannot be read"):
        read_dic(tmp_path)


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dic, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="at most 10 are read"):
        read_dic(_write(tmp_path, FLAT))


def test_reads_the_table_of_liwc_22_whatever_the_file_is_called(tmp_path: Path) -> None:
    text = '\ufeffDicTerm,calm,storm\nquiet*,X,\n"wind, rain",,X\nsea,X,x\n\nlook* like,,X\n;-),X,\n'
    for name in ("own.dicx", "own.dic", "own.csv"):
        lexicon = read_dic(_write(tmp_path, text, name))
        assert [category.key for category in lexicon.categories] == ["calm", "storm"]
        assert lexicon.entries == {
            "quiet*": ("calm",),
            "wind rain": ("storm",),
            "sea": ("calm", "storm"),
            "look* like": ("storm",),
        }
        assert lexicon.remarks == ("line 7: ';-)' left out, as no token of a text can match it",)


WORDS = st.text(alphabet="abcdeéü'", min_size=1, max_size=6).filter(lambda word: word.strip("'") == word)
TERMS = st.lists(st.tuples(WORDS, st.booleans()).map(lambda p: p[0] + "*" * p[1]), min_size=1, max_size=3).map(" ".join)
KEYS = st.lists(st.text(alphabet="xyz_", min_size=1, max_size=4), min_size=1, max_size=5, unique=True)


@st.composite
def _lexicons(draw: st.DrawFn) -> Lexicon:
    keys = draw(KEYS)
    categories = []
    for place, key in enumerate(keys):
        parent = draw(st.integers(-1, place - 1))
        categories.append(Category(key, key, (keys[parent],) if parent >= 0 else ()))
    terms = draw(st.lists(TERMS.filter(lambda term: bool(entry_words(term))), min_size=1, max_size=10, unique=True))
    members = st.sets(st.sampled_from(keys), min_size=1).map(lambda found: tuple(sorted(found)))
    return Lexicon("round", "", tuple(categories), {term: draw(members) for term in terms})


def _as_dic(lexicon: Lexicon) -> str:
    """Write a lexicon as LIWC 2015 does: a category below its parent, one tab deeper."""
    number = {category.key: place for place, category in enumerate(lexicon.categories, 1)}
    lines = ["%"]

    def write(parents: tuple[str, ...], depth: int) -> None:
        for category in lexicon.categories:
            if category.parents == parents:
                lines.append("\t" * depth + f"{number[category.key]}\t{category.key}")
                write((category.key,), depth + 1)

    write((), 0)
    lines.append("%")
    lines += ["\t".join([term, *(f"{number[key]:03d}" for key in keys)]) for term, keys in lexicon.entries.items()]
    return "\n".join(lines) + "\n"


def _as_dicx(lexicon: Lexicon) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    keys = [category.key for category in lexicon.categories]
    writer.writerow(["DicTerm", *keys])
    writer.writerows([term, *("X" if key in found else "" for key in keys)] for term, found in lexicon.entries.items())
    return out.getvalue()


@settings(deadline=None)
@given(_lexicons(), st.sampled_from(["utf-8", "cp1252"]), st.lists(WORDS, max_size=30).map(" ".join))
def test_a_dictionary_written_and_read_back_counts_the_same(lexicon: Lexicon, encoding: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = read_dic(_write(Path(folder), _as_dic(lexicon).encode(encoding)))
    assert back.hash == lexicon.hash
    assert back.remarks == ()
    assert dict(back.count(text).counts) == dict(lexicon.count(text).counts)


@settings(deadline=None)
@given(_lexicons(), st.lists(WORDS, max_size=30).map(" ".join))
def test_a_table_written_and_read_back_counts_the_same(lexicon: Lexicon, text: str) -> None:
    flat = Lexicon("flat", "", tuple(Category(category.key) for category in lexicon.categories), lexicon.entries)
    with tempfile.TemporaryDirectory() as folder:
        back = read_dic(_write(Path(folder), _as_dicx(flat)))
    assert back.hash == flat.hash
    assert back.count(text).counts == flat.count(text).counts


@settings(deadline=None, max_examples=200)
@given(
    st.text(alphabet="%1 \tab(0)/<>,*#\n\r\"X'", max_size=60), st.sampled_from(["%\n", "%\n1\ta\n%\n", "DicTerm,a\n"])
)
def test_any_text_is_read_or_refused_as_input(text: str, beginning: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = _write(Path(folder), beginning + text)
        try:
            lexicon = read_dic(path)
        except InputError as error:
            assert str(path) in str(error)
        else:
            assert lexicon.entries


@pytest.mark.parametrize("line", ["(" * 300_000, "a\t" + "(" * 300_000, "(a" * 9 + "(" * 300_000, "a" + " " * 300_000])
def test_hostile_lines_take_linear_time(tmp_path: Path, line: str) -> None:
    path = _write(tmp_path, f"%\n1\ta\n%\n{line}\n")
    start = time.process_time()
    with pytest.raises(InputError):
        read_dic(path)
    assert time.process_time() - start < 3.0  # measured: 0.2
