"""Stimuli as data: files with source, licence and version, those of the library and those of the user."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from personae.canonical import content_hash
from personae.errors import InputError
from personae.validation import validated_toml

_SUFFIX = ".toml"


class Stimuli(BaseModel):
    """What every file of stimuli says of itself.

    Example:
        >>> Stimuli(key="mine", version="1", title="Mine", source="own wording", licence="CC0-1.0").language
        'en'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[a-z0-9-]+$")
    version: str
    title: str
    source: str
    """Where the words come from: a citation, or that they are the project's own."""
    licence: str
    origin: Literal["ours", "published", "user"] = "ours"
    """Whose words these are. A figure measured with ours is not one of a published set."""
    language: str = "en"
    notes: str = ""

    @property
    def hash(self) -> str:
        """Content hash of everything that a respondent can read."""
        return content_hash(self.model_dump(mode="json", exclude={"notes", "source", "licence", "title"}))


Kind = TypeVar("Kind", bound=Stimuli)


def load_stimuli(name: str | Path, kind: type[Kind]) -> Kind:
    """Read stimuli of the library by name, or a TOML file of the user.

    Raises:
        InputError: If there is no such file, or it is malformed; the message names the place.
    """
    if isinstance(name, Path) or str(name).endswith(_SUFFIX):
        path = Path(name)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a TOML file in UTF-8"
            ) from error
        return validated_toml(kind, text, str(path))
    found: Kind = _load(str(name), kind)
    return found


def list_stimuli() -> tuple[str, ...]:
    """Names of the stimuli of the library."""
    folder = files("personae.instrument.tasks") / "stimuli"
    return tuple(sorted(entry.name.removesuffix(_SUFFIX) for entry in folder.iterdir() if entry.name.endswith(_SUFFIX)))


@lru_cache(maxsize=64)
def _load(name: str, kind: type[Kind]) -> Kind:
    if name not in list_stimuli():
        raise InputError(
            f"no stimuli are called {name!r}",
            remedy=f"the library has {', '.join(list_stimuli())}. A file of yours ends in {_SUFFIX}",
        )
    text = (files("personae.instrument.tasks") / "stimuli" / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
    return validated_toml(kind, text, f"{name}{_SUFFIX}")
