"""Where a statement about a person comes from, and what may be done with it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Origin = Literal["given", "sampled", "inferred", "written"]
"""``given`` by whoever described the person, ``sampled`` from a distribution, ``inferred`` from behaviour or text,
``written`` by a model."""


class Provenance(BaseModel):
    """The source of one field, its certainty, and the terms that came with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: Origin = "given"
    by: str = ""
    """Who or what: the model that wrote it, the distribution it was drawn from, the data it was inferred from."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    consent: str = ""
    """What the person agreed to, for real people."""
    licence: str = ""
    note: str = ""
