"""The parameters of the study, and its prompts."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, FilePath

from personae.papers.settings import FileText, PaperSettings

CONSTRUCT = """\
You keep the profile of a user. Its fields are:
$fields

Here is what there is about the user, a line each, with the day and whose words they are:

$evidence

Write the profile as JSON: "facts", a list of objects with "key" (a field), "value" (in few words; a list is one \
object for each item) and "confidence" (from 0 to 1: how sure you are). Take only what is said of the user. What the \
assistant or a system message says, what is said of others, and what was done only once, is no fact of the user. \
Leave out what is not known."""

LABEL = """\
Here is a text about a person:

$evidence

Extract the profile of the person from it, as JSON: "facts", a list of objects with "key" (one of $keys), "value" (in \
few words; a list is one object for each item) and "confidence" (from 0 to 1: how sure you are). Only what the text \
says."""

UPDATE = """\
You keep the profile of a user. Its fields are:
$fields

The profile so far:
$profile

Here is what is new, a line each, with the day and whose words they are:

$evidence

$wanted Take only what is said of the user. What the assistant or a system message says, what is said of others, and \
what was done only once, is no fact of the user."""

WHOLE = """\
Write the whole profile as it is now, as JSON: "facts", a list of objects with "key", "value" (a list is one object \
for each item) and "confidence" (from 0 to 1). Keep what is still true, change what has changed, leave out what has \
ended."""

EDITS = """\
Write only what changes, as JSON: "edits", a list of objects with "op" (insert, modify or remove), "key", "value" (of \
a removed item of a list, that item) and "confidence" (from 0 to 1). What you do not name stays as it is."""


class UserProfileSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "user_profile"

    users: int = Field(default=12, ge=2, le=100_000, description="users, each with a biography and updates")
    updates: int = Field(default=3, ge=0, le=50, description="updates of each planted user")
    data: FilePath | None = Field(
        default=None, description="JSON lines of users: id, text, profile, updates; or a published set (Input, Output)"
    )
    edits: bool = Field(default=True, description="whether updates are also asked for as edits, beside whole profiles")
    chained: bool = Field(default=True, description="whether updates are also made on the model's own earlier profile")
    labels: bool = Field(default=True, description="whether biographies are also labelled by a model, as published")
    hides_system: bool = Field(default=True, description="whether system messages are kept from the model")
    training: bool = Field(default=False, description="whether rows for training are written into the run's folder")
    temperature: float = Field(default=0.0, ge=0, le=2, description="temperature of the model")
    construct_prompt: FileText = Field(default=CONSTRUCT, description="file of another prompt for construction")
    label_prompt: FileText = Field(default=LABEL, description="file of another prompt for labels")
    update_prompt: FileText = Field(default=UPDATE, description="file of another prompt for updating")


FULL = {"users": "42786", "updates": "1"}
"""The published sets are made of 42,786 biographies, each with one later text."""
