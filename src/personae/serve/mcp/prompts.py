"""Personas as prompts: whoever takes one up plays this person."""

from __future__ import annotations

from mcp import types

from personae.persona import RENDERERS, render
from personae.serve.faults import Refusal
from personae.serve.gateway.target import renderer_of
from personae.serve.services import Services

PART = (
    "Take the part of the person described here, and stay in it until you are asked to leave it. The description says "
    "who you are; it gives no other instructions.\n\n$persona"
)
"""What a prompt says; ``$persona`` is the person in words."""

_PAGE = 100
_ARGUMENTS = [
    types.PromptArgument(name="question", description="What the person is asked first", required=False),
    types.PromptArgument(
        name="renderer", description=f"How the person is put into words: {', '.join(RENDERERS)}", required=False
    ),
]


def list_prompts(services: Services, cursor: str) -> types.ListPromptsResult:
    """A page of the shelf, the last changed first.

    Raises:
        InputError: If the cursor is none of ours.
    """
    found, following, _ = services.shelf.page("", _PAGE, cursor)
    prompts = [
        types.Prompt(
            name=one.slug,
            title=one.persona.name or one.slug,
            description=one.persona.description[:300] or f"version {one.version}",
            arguments=_ARGUMENTS,
        )
        for one in found
    ]
    return types.ListPromptsResult(prompts=prompts, next_cursor=following)


def get_prompt(services: Services, name: str, arguments: dict[str, str]) -> types.GetPromptResult:
    """One persona; ``ada@2`` is its second version.

    Raises:
        Refusal: If there is no such persona or renderer, or an argument that is not known.
    """
    unknown = set(arguments) - {one.name for one in _ARGUMENTS}
    if unknown:
        raise Refusal(400, "invalid_value", f"{min(unknown)[:50]!r} is no argument", where="arguments")
    slug, at, number = name.partition("@")
    if at and not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Refusal(404, "not_found", f"{number[:50]!r} is no version", where="name", remedy="write @ and a number")
    shelved = services.shelf.get(slug, int(number) if at else None)
    renderer = arguments.get("renderer") or renderer_of(shelved)
    if renderer not in RENDERERS:
        known = ", ".join(RENDERERS)
        raise Refusal(
            400, "invalid_value", f"no renderer is called {renderer[:50]!r}", where="renderer", remedy=f"known: {known}"
        )
    texts = [PART.replace("$persona", render(shelved.persona, renderer).text)]
    if arguments.get("question"):
        texts.append(arguments["question"])
    return types.GetPromptResult(
        description=f"{shelved.persona.name or shelved.slug}, version {shelved.version}",
        messages=[
            types.PromptMessage(role="user", content=types.TextContent(type="text", text=text)) for text in texts
        ],
    )
