"""The JSON Schema of persona files, for editors and for other languages."""

from __future__ import annotations

from typing import Any

from personae.persona.persona import FORMAT, Persona

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def persona_schema() -> dict[str, Any]:
    """The JSON Schema of a persona file (draft 2020-12).

    Example:
        >>> persona_schema()["properties"]["name"]["type"]
        'string'
    """
    schema = Persona.model_json_schema(mode="validation")
    about = {"$schema": DIALECT, "$id": f"urn:{FORMAT.replace('/', ':')}"}
    form = {"const": FORMAT, "description": "How the persona is written down; may be left out."}
    return {**about, **schema, "properties": {"format": form, **schema["properties"]}}
