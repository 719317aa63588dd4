"""Where a statement about a person comes from, and what may be done with it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _refuse_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is no number")
    return value


Number = Annotated[float, BeforeValidator(_refuse_truth)]
"""A number; ``true`` is not taken for 1."""

WholeNumber = Annotated[int, BeforeValidator(_refuse_truth)]

Origin = Literal["given", "sampled", "inferred", "written"]
"""``given`` by whoever described the person, ``sampled`` from a distribution, ``inferred`` from behaviour or text,
``written`` by a model."""


class Provenance(BaseModel):
    """The source of one field, its certainty, and the terms that came with it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    origin: Origin = "given"
    by: str = ""
    """Who or what: the model that wrote it, the distribution it was drawn from, the data it was inferred from."""
    confidence: Number | None = Field(default=None, ge=0, le=1)
    consent: str = ""
    """What the person agreed to, for real people."""
    licence: str = ""
    note: str = ""
