"""The parameters of the study, and its prompts."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, FilePath

from personae.papers.persona_l.corpus import Search
from personae.papers.settings import FileText, PaperSettings

DERIVE = """\
These are narratives of people with complex needs, on $theme:

$sources

Derive what the person below can do, as JSON: "abilities", a list of at most $most objects with "ability" (what is \
done, as a verb: "shape rolls"), "constraint" (what makes just this hard), "support" (what helps, or empty) and \
"source" (the number of the narrative that both are taken from). Never give an ability without its constraint, and \
never a limit in place of an ability. Take nothing that is not told.

The person: $profile"""

CHAT = """\
You are this person, and speak in the first person:

$persona

$sources

$level

Say what you do, and with it what makes it hard and what helps. Speak for yourself, not for everybody with the same \
condition.$cite"""

CITE = ' End each sentence that rests on a narrative with its number in square brackets, such as "[2]".'

DESIGNER = """\
You are a UX designer. You talk with a persona of a person with complex needs in order to design a product for them. \
$profile"""

QUESTIONS = """\
What does a usual day look like for you?
What are you good at, and what makes it hard?
Who or what helps you when something does not work?
What should an app that is made for you do, and what should it leave alone?"""

LEVELS = {
    "easy": "Use short sentences and everyday words, as in Easy Read texts: one idea in each sentence.",
    "plain": "Use plain words and sentences of at most twenty words.",
    "expert": "You may use the technical words of the subject; the reader knows them.",
    "free": "",
}
"""What is asked for at each level of reading."""

MOST_GRADE = {"easy": 5.0, "plain": 8.0}
"""Years of school up to which an answer keeps its level (Flesch-Kincaid). A convention."""

Level = Literal["easy", "plain", "expert", "free"]


class PersonaLSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "persona_l"

    designers: int = Field(default=12, ge=2, le=10_000, description="designers, each with a persona of all conditions")
    corpus: FilePath | None = Field(
        default=None, description="narratives as TOML, JSON lines or CSV; else 24 that we made up"
    )
    profiles: FilePath | None = Field(
        default=None, description="JSON lines or CSV of name, age, residence, living, work; else four that we made up"
    )
    questions: FileText = Field(default=QUESTIONS, description="file of what is asked, a line a question")
    asked: int = Field(default=3, ge=1, le=100, description="questions of each talk, from the first")
    search: Search = Field(
        default="words", description="how narratives are found: words (BM25) or vectors (hashed letter n-grams)"
    )
    passages: int = Field(default=3, ge=1, le=20, description="narratives that are found for each question")
    derived: bool = Field(
        default=True, description="whether a model derives the abilities; else those that the corpus names are taken"
    )
    narratives: int = Field(default=12, ge=1, le=200, description="narratives that abilities are derived from at most")
    abilities: int = Field(default=8, ge=1, le=20, description="abilities that are derived at most")
    level: Level = Field(default="plain", description="level of reading of all talks: easy, plain, expert or free")
    levels: bool = Field(default=True, description="whether a question is also asked at all levels of reading")
    cites: bool = Field(default=True, description="whether sources are to be named in the text")
    temperature: float = Field(default=0.7, ge=0, le=2, description="temperature of talks; abilities are derived at 0")
    phrases: FileText = Field(
        default="", description="file of phrases that the check of stereotypes counts too, a line each"
    )
    questionnaire: FilePath | None = Field(default=None, description="TOML of another questionnaire; else our items")
    derive_prompt: FileText = Field(default=DERIVE, description="file of another prompt for abilities")
    chat_prompt: FileText = Field(default=CHAT, description="file of another prompt for the persona")

    @property
    def asks(self) -> tuple[str, ...]:
        """The questions of a talk."""
        lines = [line.strip() for line in self.questions.splitlines() if line.strip()]
        return tuple(lines[: self.asked])

    @property
    def watched(self) -> tuple[str, ...]:
        """Phrases of the user that are counted beside the linter's lists."""
        return tuple(line.strip() for line in self.phrases.splitlines() if line.strip())


FULL = {"designers": "6", "asked": "4"}
"""Six designers took part."""
