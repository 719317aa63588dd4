"""Parameters of papers: read from words, described, refused with a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import pytest
from pydantic import Field, FilePath

from personae.errors import InputError
from personae.papers import FileText, PaperSettings
from support.command_line import personae


class Example(PaperSettings):
    paper: ClassVar[str] = "example"

    people: int = Field(default=2, ge=1, description="respondents")
    mode: Literal["a", "b"] = Field(default="a", description="how")
    prompt: FileText = Field(default="Say something.", description="file of another prompt")
    data: FilePath | None = Field(default=None, description="a file")


def test_words_become_values_and_files_become_their_text(tmp_path: Path) -> None:
    prompt, data = tmp_path / "prompt.txt", tmp_path / "data.csv"
    prompt.write_text("  Sag etwas.\n", encoding="utf-8")
    data.write_text("a,b", encoding="utf-8")
    read = Example.read({"people": "5", "mode": "b", "prompt": str(prompt), "data": str(data)})
    assert (read.people, read.mode, read.prompt, read.data) == (5, "b", "Sag etwas.", data)
    assert Example.read({}) == Example()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"peple": "5"}, "'peple' is not known"),
        ({"people": "0"}, "people: Input should be greater than or equal to 1"),
        ({"people": "many"}, "people: Input should be a valid integer"),
        ({"mode": "c"}, "mode: Input should be 'a' or 'b'"),
        ({"prompt": "nowhere.txt"}, "nowhere.txt: cannot be read"),
        ({"data": "nowhere.csv"}, "nowhere.csv: there is no such file"),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_name(given: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        Example.read(given)
    assert said in str(caught.value)
    assert caught.value.remedy


def test_the_description_names_every_default_and_hides_long_texts() -> None:
    assert Example.describe() == {
        "people": "respondents (default 2)",
        "mode": "how (default a)",
        "prompt": "file of another prompt (default built in)",
        "data": "a file (default None)",
    }


def test_full_takes_the_published_size_and_what_is_given_wins() -> None:
    """PersonaLLM's defaults are its published size, so the option changes nothing there."""
    plain = personae("paper", "run", "personallm", "--dry-run", "--limit", "1", "-P", "stories=false", "--json")
    full = personae(
        "paper", "run", "personallm", "--dry-run", "--limit", "1", "-P", "stories=false", "--json", "--full"
    )
    assert plain.code == full.code == 0
    assert plain.out == full.out
