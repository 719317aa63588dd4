"""The gateway's paths as OpenAPI tells them: they are raw ASGI, and no framework describes them."""

from __future__ import annotations

from typing import Any

_ERROR = {
    "description": "An error in OpenAI's shape",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error"],
                "properties": {
                    "error": {
                        "type": "object",
                        "required": ["message", "type", "param", "code"],
                        "properties": {
                            "message": {"type": "string"},
                            "type": {"type": "string"},
                            "param": {"type": ["string", "null"]},
                            "code": {"type": ["string", "null"]},
                        },
                    }
                },
            }
        }
    },
}

_CHAT = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {
        "model": {"type": "string", "description": "persona/NAME, persona/NAME@VERSION, persona/NAME/MODEL or MODEL"},
        "messages": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["role", "content"],
                "properties": {
                    "role": {"enum": ["system", "developer", "user", "assistant"]},
                    "content": {"type": "string"},
                },
            },
        },
        "temperature": {"type": "number", "minimum": 0, "maximum": 2},
        "top_p": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "max_tokens": {"type": "integer", "minimum": 1},
        "n": {"type": "integer", "minimum": 1, "maximum": 8},
        "seed": {"type": "integer"},
        "stream": {"type": "boolean"},
        "user": {"type": "string", "maxLength": 200},
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}

_RESPONSES = {
    "type": "object",
    "required": ["model", "input"],
    "properties": {
        "model": {"type": "string"},
        "input": {"type": "string"},
        "instructions": {"type": "string"},
        "stream": {"type": "boolean"},
    },
}

_EMBEDDINGS = {
    "type": "object",
    "required": ["model", "input"],
    "properties": {
        "model": {"type": "string"},
        "input": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    },
}

_MEMORY = {
    "type": "object",
    "required": ["model", "user", "notes"],
    "properties": {
        "model": {"type": "string"},
        "user": {"type": "string", "minLength": 1, "maxLength": 200},
        "notes": {"type": "array", "items": {"type": "string"}, "maxItems": 64},
        "metadata": {"type": "object", "properties": {"conversation": {"type": "string"}}},
    },
}

_ERASURE = {
    "type": "object",
    "required": ["user"],
    "properties": {"user": {"type": "string", "minLength": 1, "maxLength": 200}},
}


def gateway_paths() -> dict[str, Any]:
    """Paths under ``/v1``."""
    return {
        "/v1/models": {"get": _operation("List personas and models")},
        "/v1/chat/completions": {"post": _operation("Chat with a persona", _CHAT, streams=True)},
        "/v1/responses": {"post": _operation("Have a persona respond", _RESPONSES, streams=True)},
        "/v1/embeddings": {"post": _operation("Embed texts", _EMBEDDINGS)},
        "/v1/personae/memory": {
            "put": _operation("Set what a persona remembers of a user", _MEMORY),
            "delete": _operation("Forget a user", _ERASURE),
        },
    }


def _operation(summary: str, body: dict[str, Any] | None = None, *, streams: bool = False) -> dict[str, Any]:
    kinds: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
    if streams:
        kinds["text/event-stream"] = {"schema": {"type": "string"}}
    told: dict[str, Any] = {
        "tags": ["gateway"],
        "summary": summary,
        "responses": {"200": {"description": "The answer", "content": kinds}, "default": _ERROR},
    }
    if body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return told
