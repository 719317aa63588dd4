"""What is filled in first: name, age, place, living and work. Ours are of nobody."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from personae.canonical import content_hash
from personae.papers.persona_l.rows import read_models


class Profile(BaseModel):
    """A person before anything is known of abilities.

    Example:
        >>> Profile(name="Jana", age=24, residence="Graz", living="with her sister", work="trainee").told
        'Jana, 24, trainee, of Graz, lives with her sister'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    age: int = Field(ge=0, le=130)
    residence: str = Field(min_length=1)
    living: str = Field(min_length=1)
    """How the person lives, as it follows the word "lives"."""
    work: str = Field(min_length=1)
    source: str = ""
    """Where it comes from, or that it is made up."""

    @property
    def id(self) -> str:
        """The name."""
        return self.name

    @property
    def hash(self) -> str:
        """Content hash."""
        return content_hash(self.model_dump())

    @property
    def told(self) -> str:
        """All of it in a line."""
        return f"{self.name}, {self.age}, {self.work}, of {self.residence}, lives {self.living}"


_OURS = (
    Profile(name="Jana", age=24, residence="Graz", living="with her sister", work="trainee in a bakery"),
    Profile(name="Tom", age=31, residence="Leeds", living="in a flat of his own", work="helper in a garden centre"),
    Profile(name="Ines", age=19, residence="Porto", living="with her parents", work="pupil in the last year"),
    Profile(name="Mika", age=42, residence="Turku", living="in a shared house", work="library assistant"),
)
PROFILES = tuple(one.model_copy(update={"source": "made up for personae; of no real person"}) for one in _OURS)


@lru_cache(maxsize=4)
def read_profiles(path: Path | None = None) -> tuple[Profile, ...]:
    """Our four profiles, or those of a file: JSON lines or CSV with the fields of :class:`Profile`.

    Raises:
        InputError: If it cannot be read; the message names the row.
    """
    return PROFILES if path is None else tuple(read_models(path, Profile))
