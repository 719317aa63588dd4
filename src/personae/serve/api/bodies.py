"""What requests of the studio may hold: fields that are not known are refused, and everything has a bound."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from personae.serve.settings import MOST_MESSAGE

Name = Annotated[str, Field(min_length=1, max_length=200)]
Slug = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$")]
Version = Annotated[int, Field(ge=1, le=2**31)]
ShortText = Annotated[str, Field(max_length=500)]


class Body(BaseModel):
    """A request."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Login(Body):
    """A browser logs in."""

    key: Name


class NewPersona(Body):
    """A persona is put on the shelf."""

    persona: dict[str, JsonValue]
    slug: Slug | None = None
    note: ShortText = ""


class EditedPersona(Body):
    """A persona gets a new version."""

    persona: dict[str, JsonValue]
    base_version: Version
    note: ShortText = ""


class PreviewedPersona(Body):
    """A persona while it is written."""

    persona: dict[str, JsonValue]
    renderers: Annotated[list[Name], Field(max_length=20)] | None = None


class NewKey(Body):
    """A key is made."""

    name: Name
    budget: Annotated[float, Field(gt=0, lt=1e9)] | None = None
    rpm: Annotated[int, Field(gt=0, lt=10**9)] | None = None
    is_admin: bool = False


class SeatSampling(Body):
    """How replies of a seat are drawn."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class NewSeat(Body):
    """Somebody takes part in a conversation."""

    id: Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    kind: Literal["persona", "model", "human"]
    name: Annotated[str, Field(max_length=100)] = ""
    persona: Slug | None = None
    version: Version | None = None
    model: Annotated[str, Field(max_length=200)] | None = None
    renderer: Annotated[str, Field(max_length=64)] = ""
    sampling: SeatSampling = SeatSampling()
    reading_level: Literal["free", "easy", "plain", "expert"] = "free"
    recall: Literal["found", "whole", "none"] = "found"


Seats = Annotated[list[NewSeat], Field(max_length=12)]
Text = Annotated[str, Field(min_length=1, max_length=MOST_MESSAGE)]


class NewConversation(Body):
    """A conversation begins."""

    title: Annotated[str, Field(max_length=200)] = ""
    seats: Seats


class ChangedConversation(Body):
    """A conversation is renamed, shows another branch, or has other seats."""

    title: Annotated[str, Field(max_length=200)] | None = None
    leaf: Annotated[str, Field(max_length=40)] | None = None
    seats: Seats | None = None


SeatIds = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=12)]


class NewMessage(Body):
    """Somebody says something, and seats answer."""

    parent: Annotated[str, Field(max_length=40)] | None = None
    text: Text
    seat: Annotated[str, Field(max_length=40)] | None = None
    reply_from: SeatIds | None = None


class WantedReplies(Body):
    """Seats answer a message."""

    reply_from: SeatIds | None = None
    is_shown: bool = True
    """Whether the conversation goes on from the answer; else the branch that is shown stays."""


class RunStart(Body):
    """A run is started, or priced."""

    kind: Literal["paper", "instrument"]
    key: Name
    parameters: Annotated[dict[Name, JsonValue], Field(max_length=100)] = {}
    models: Annotated[dict[Name, Name], Field(max_length=20)] = {}
    people: Annotated[list[Slug], Field(max_length=1000)] = []
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    limit: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    cost_limit: Annotated[float, Field(gt=0, lt=1e9)] | None = None
    token_limit: Annotated[int, Field(ge=1, lt=2**53)] | None = None
    confirm: bool = False


class RunResume(Body):
    """A run is continued."""

    limit: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    cost_limit: Annotated[float, Field(gt=0, lt=1e9)] | None = None
    token_limit: Annotated[int, Field(ge=1, lt=2**53)] | None = None


AnswerValue = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class Answers(Body):
    """Somebody answers an instrument."""

    answers: Annotated[dict[Annotated[str, Field(max_length=64)], AnswerValue | None], Field(max_length=2000)]
    consent: Literal[True]
    seconds: Annotated[float, Field(ge=0, lt=1e7)] | None = None
    submission: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")] | None = None
    """Random letters that the browser made up: what is sent again under them counts once."""


class NewLink(Body):
    """Others are invited."""

    title: Annotated[str, Field(max_length=200)] = ""
    consent: Annotated[str, Field(max_length=10_000)] = ""
    most: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    days: Annotated[float, Field(gt=0, le=3650)] | None = None
    """How long it is open; ``None`` is until it is withdrawn."""


class DrawnPopulation(Body):
    """People are drawn."""

    title: Name
    kind: Literal["drawn"] = "drawn"
    size: Annotated[int, Field(ge=1, le=100_000)]
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    traits: Annotated[list[Name], Field(max_length=50)] | None = None


class Empty(Body):
    """Nothing."""


JsonObject = dict[str, Any]
