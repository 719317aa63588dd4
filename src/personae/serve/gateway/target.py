"""Who is asked when a request names a model: a persona in some version, played by some model, or a bare model."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from personae.persona import Persona, render
from personae.serve.faults import Refusal
from personae.serve.settings import ServeSettings
from personae.serve.shelf import PersonaShelf, Shelved
from personae.serve.upstream import Upstream, Upstreams

PREFIX = "persona/"
RENDERER = "second-person"
"""How a persona is put into words that names no other way under ``extensions.personae.renderer``."""

_CREATED = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A persona and the model that plays it."""

    upstream: Upstream
    shelved: Shelved | None = None
    prompt: str = ""
    """The persona in words, with all that it remembers and knows."""
    renderer: str = RENDERER
    """How it is put into words."""

    @property
    def slug(self) -> str:
        """Short name of the persona; empty for a bare model."""
        return self.shelved.slug if self.shelved else ""

    @property
    def label(self) -> str:
        """What metrics call it."""
        return f"{PREFIX}{self.shelved.slug}" if self.shelved else self.upstream.name


class Targets:
    """Finds who is asked.

    ``persona/ada`` is the newest version, ``persona/ada@2`` the second, ``persona/ada@2/openai/gpt-4o`` the second
    played by a model of the request's choice, ``openai/gpt-4o`` that model without a persona.
    """

    def __init__(self, settings: ServeSettings, shelf: PersonaShelf, upstreams: Upstreams) -> None:
        self._shelf = shelf
        self._upstreams = upstreams
        self._overrides = settings.overrides
        self._prompts: dict[tuple[str, int], tuple[Persona, str]] = {}

    def find(self, name: Any) -> Target:
        """Find by the ``model`` of a request.

        Raises:
            Refusal: If nobody is called so, or the request may not choose.
        """
        if not isinstance(name, str) or not name:
            raise Refusal(400, "invalid_type", "model is not a text", where="model", remedy="GET /v1/models lists them")
        if not name.startswith(PREFIX):
            return Target(self._upstreams.get(name))
        who, _, chosen = name.removeprefix(PREFIX).partition("/")
        slug, at, number = who.partition("@")
        if at and not (number.isdecimal() and number.isascii() and len(number) < 10):
            raise Refusal(
                404, "model_not_found", f"{number[:50]!r} is no version", where="model", remedy="write @ and a number"
            )
        try:
            shelved = self._shelf.get(slug, int(number) if at else None)
        except Refusal:
            raise Refusal(
                404,
                "model_not_found",
                f"the model {name[:200]!r} does not exist",
                where="model",
                remedy="GET /v1/models lists the personas that are served",
            ) from None
        own = shelved.persona.model.name
        if chosen and own and chosen != own and "model" not in self._overrides:
            raise Refusal(
                403,
                "override_not_allowed",
                "this server does not let a request change a persona's own model",
                where="model",
                remedy=f"ask for {PREFIX}{who}",
            )
        if not chosen and own and own not in self._upstreams.names:
            own = ""  # a persona that was written elsewhere may name a model that is not served here
        return Target(self._upstreams.get(chosen or own), shelved, self._prompt(shelved), renderer_of(shelved))

    def rows(self) -> list[dict[str, Any]]:
        """What ``GET /v1/models`` lists: every persona, every version of it, then the bare models."""
        rows: list[dict[str, Any]] = []
        for slug, latest, updated in self._shelf.slugs():
            rows.append(_row(f"{PREFIX}{slug}", updated, "personae"))
            rows += [_row(f"{PREFIX}{slug}@{version}", updated, "personae") for version in range(latest, 0, -1)]
        return rows + [_row(name, _CREATED, name.partition("/")[0]) for name in self._upstreams.names]

    def fill(self, body: MutableMapping[str, Any], target: Target) -> None:
        """Give a request the sampling of the persona, where it sets none itself or may not."""
        if target.shelved is None:
            return
        own = target.shelved.persona.model
        is_fixed = "sampling" not in self._overrides
        for name, value in (("temperature", own.temperature), ("top_p", own.top_p)):
            if value is not None and (is_fixed or body.get(name) is None):
                body[name] = value
        if own.max_tokens is not None:
            asked = body.pop("max_completion_tokens", None) or body.pop("max_tokens", None)
            is_number = isinstance(asked, int) and not isinstance(asked, bool)
            body["max_tokens"] = own.max_tokens if is_fixed or not is_number else asked

    def _prompt(self, shelved: Shelved) -> str:
        key = (shelved.slug, shelved.version)
        known, text = self._prompts.get(key, (None, ""))
        if known is not shelved.persona:  # the shelf hands out one object for as long as it remembers it
            if len(self._prompts) > 4096:
                self._prompts.clear()
            text = render(shelved.persona, renderer_of(shelved)).text
            self._prompts[key] = (shelved.persona, text)
        return text


def renderer_of(shelved: Shelved) -> str:
    """How a persona is put into words."""
    own = shelved.persona.extensions.get("personae")
    chosen = own.get("renderer") if isinstance(own, dict) else None
    return chosen if isinstance(chosen, str) else RENDERER


def _row(name: str, created: float, owner: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": int(created), "owned_by": owner}
