"""Who answers: the model as itself or as a persona, a client whose sessions are replayed, an observer of somebody.

A respondent is what stands before the questions: a system message, a conversation that went before, and for an observer
the text that the questions are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model import Message

Kind = Literal["self", "proxy", "observer"]

OBSERVER_INSTRUCTIONS = """\
Here is a text.

<text>
$material
</text>

Say how well each statement describes the person who wrote it."""

PERSON_INSTRUCTIONS = """\
Here is a description of a person.

<text>
$material
</text>

Say how well each statement describes this person."""

OPENING = "(The conversation begins.)"
"""What a user is made to say where a dialogue begins with the one whom the model plays, as chat templates want a user
first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that somebody said in a dialogue."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Respondent:
    """Who answers a questionnaire.

    Example:
        >>> observer("I love parties.").kind
        'observer'
    """

    kind: Kind = "self"
    system: str = ""
    """System message: the persona, or the role."""
    history: tuple[Message, ...] = ()
    """What was said before the first question."""
    material: str = ""
    """What an observer reads."""
    instructions: str = ""
    """What stands before the items instead of the instrument's instructions, with ``$material``; empty: the
    instrument's."""
    subject: str = ""
    """Whom the items are about, in the third person; empty: the respondent."""
    has_system_role: bool = True
    """Whether the model takes a system message; otherwise it stands at the head of the first user message."""

    def spell(self) -> dict[str, str | bool]:
        """What a run's record keeps: kinds and hashes, never the text of a person."""
        return {
            "respondent": self.kind,
            "subject": self.subject,
            "about": content_hash([self.system, [(m.role, m.content) for m in self.history], self.material])[:12],
            "respondent_instructions": content_hash(self.instructions)[:12] if self.instructions else "",
            "has_system_role": self.has_system_role,
        }

    def messages(self, *after: Message) -> tuple[Message, ...]:
        """The conversation up to and with these messages, as a chat model takes it.

        Neighbours of one role are merged, as chat templates refuse them.
        """
        before = (Message("system", self.system),) if self.system else ()
        whole = merged((*before, *self.history, *after))
        return whole if self.has_system_role else without_system(whole)


def played(system: str) -> Respondent:
    """The model, under a system message that says who it is; empty for itself."""
    return Respondent(system=system)


def observer(
    text: str,
    *,
    subject: str = "The author",
    instructions: str = OBSERVER_INSTRUCTIONS,
    system: str = "",
    is_person: bool = False,
) -> Respondent:
    """Somebody who has read a text and rates its author, or a description and rates the person.

    Args:
        text: What is read; braces and dollar signs in it are only characters.
        subject: Whom items are about, as in "The author is talkative".
        instructions: What stands before the items; ``$material`` is the text.
        system: Who the observer is.
        is_person: Whether the text describes the person instead of being theirs.

    Raises:
        InputError: If there is no text.
    """
    if not text.strip():
        raise InputError("there is nothing to observe", where="observer", remedy="give the text or the description")
    if is_person and instructions == OBSERVER_INSTRUCTIONS:
        instructions = PERSON_INSTRUCTIONS
    if is_person and subject == "The author":
        subject = "This person"
    return Respondent("observer", system, material=text, instructions=instructions, subject=subject)


def client_proxy(
    dialogue: Iterable[Turn], client: str, *, system: str = "", has_system_role: bool = True
) -> Respondent:
    r"""The model in the place of one speaker of a dialogue that went before (role reversal, Yan et al., 2024).

    The speaker's words become the assistant's, all others' the user's; neighbours of one side are merged. Where the
    dialogue begins with the speaker, a user is made to open it.

    Args:
        dialogue: What was said, in order.
        client: The speaker whose place the model takes.
        system: What the model is told about its role.
        has_system_role: Whether the model takes a system message.

    Raises:
        InputError: If the dialogue is empty, or nobody in it is called so.

    Example:
        >>> said = [Turn("counsellor", "Hello."), Turn("client", "Hi."), Turn("client", "I sleep badly.")]
        >>> [(one.role, one.content) for one in client_proxy(said, "client").history]
        [('user', 'Hello.'), ('assistant', 'Hi.\nI sleep badly.')]
    """
    turns = [turn for turn in dialogue if turn.text.strip()]
    speakers = dict.fromkeys(turn.speaker for turn in turns)
    if client not in speakers:
        known = ", ".join(speakers) or "nobody"
        raise InputError(f"nobody called {client!r} speaks", where="dialogue", remedy=f"who speaks is {known}")
    said = [Message("assistant" if turn.speaker == client else "user", turn.text.strip()) for turn in turns]
    if said[0].role == "assistant":
        said.insert(0, Message("user", OPENING))
    return Respondent("proxy", system, merged(said, "\n"), has_system_role=has_system_role)


def merged(messages: Iterable[Message], between: str = "\n\n") -> tuple[Message, ...]:
    """Messages with neighbours of one role made one."""
    found: list[Message] = []
    for message in messages:
        if found and found[-1].role == message.role:
            found[-1] = replace(found[-1], content=found[-1].content + between + message.content)
        else:
            found.append(message)
    return tuple(found)


def without_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    r"""Messages for a model without a system role: its words stand before the first user message.

    Example:
        >>> [m.content for m in without_system([Message("system", "Be Ada."), Message("user", "Who are you?")])]
        ['Be Ada.\n\nWho are you?']
    """
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    return merged((Message("user", system), *rest)) if system else tuple(rest)
