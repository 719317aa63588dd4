"""Services that are known by name: where they are, which variable holds the key, and what is peculiar to them.

Services change: whatever is wrong here can be set right by ``-M`` without waiting for another version. Where a comment
says "memory", it was not looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from personae.model.anthropic import API_VERSION
from personae.settings import read_setting

Protocol = Literal["chat completions", "messages"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A hosted or local service."""

    base_url: str
    """Empty where every user has one of their own."""
    key_variable: str = ""
    """Environment variable of the API key; empty if none is needed."""
    url_variable: str = ""
    """Environment variable that overrides the base URL."""
    max_tokens_field: str = "max_tokens"
    send_seed: bool = True
    seed_field: str = "seed"
    protocol: Protocol = "chat completions"
    key_header: str = "Authorization"
    version_variable: str = ""
    """Environment variable of an ``api-version`` that is sent in the query."""
    headers: dict[str, str] = field(default_factory=dict)
    has_batches: bool = False
    """Whether it takes batches in the way of OpenAI or, with ``messages``, of Anthropic."""


PROVIDERS: dict[str, Provider] = {
    # max_completion_tokens: the reasoning models refuse max_tokens, and all others take both.
    "openai": Provider(
        "https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL", "max_completion_tokens", has_batches=True
    ),
    # One reply a call, no seed, no log-probabilities.
    "anthropic": Provider(
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL",
        send_seed=False,
        protocol="messages",
        key_header="x-api-key",
        headers={"anthropic-version": API_VERSION},
        has_batches=True,
    ),
    # The model is the name of a deployment. Its batches want deployments of their own kind ("global batch").
    "azure": Provider(
        "",
        "AZURE_OPENAI_API_KEY",
        "AZURE_OPENAI_ENDPOINT",
        "max_completion_tokens",
        key_header="api-key",
        version_variable="AZURE_OPENAI_API_VERSION",
        has_batches=True,
    ),
    "ollama": Provider("http://127.0.0.1:11434/v1", url_variable="OLLAMA_HOST"),
    "vllm": Provider("http://127.0.0.1:8000/v1", url_variable="VLLM_BASE_URL"),
    "sglang": Provider("http://127.0.0.1:30000/v1", url_variable="SGLANG_BASE_URL"),
    "lmstudio": Provider("http://127.0.0.1:1234/v1", url_variable="LMSTUDIO_BASE_URL"),
    "llamacpp": Provider("http://127.0.0.1:8080/v1", url_variable="LLAMACPP_BASE_URL"),
    "openrouter": Provider("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    # An unknown field is refused by 400, and the list of its fields names no seed (memory).
    "gemini": Provider("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", send_seed=False),
    # Its field for the seed is random_seed; "seed" is refused by 422 (memory).
    "mistral": Provider("https://api.mistral.ai/v1", "MISTRAL_API_KEY", seed_field="random_seed"),
    # Refuses logprobs and n above 1 by 400.
    "groq": Provider("https://api.groq.com/openai/v1", "GROQ_API_KEY", has_batches=True),
    # Its documentation names no seed (memory).
    "deepseek": Provider("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", send_seed=False),
    "together": Provider("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
}
"""Services that are known by name. Any other is reached by its URL or as ``openai-api/<name>/<model>``."""

_KEY_ALIASES = {"GEMINI_API_KEY": "GOOGLE_API_KEY"}


def configured_url(provider: Provider) -> str:
    """Base URL that the environment sets for a provider, in the form that paths are appended to; else empty."""
    url = (read_setting(provider.url_variable) or "") if provider.url_variable else ""
    read = {"OLLAMA_HOST": _ollama_url, "ANTHROPIC_BASE_URL": _anthropic_url, "AZURE_OPENAI_ENDPOINT": _azure_url}
    return read.get(provider.url_variable, str)(url) if url else ""


def read_key(variable: str) -> str:
    """API key in a variable, or in the other one of the same service; else empty."""
    if not variable:
        return ""
    return read_setting(variable) or read_setting(_KEY_ALIASES.get(variable, variable)) or ""


def _ollama_url(host: str) -> str:
    """Read ``OLLAMA_HOST`` as Ollama does: a bare host is on port 11434, a URL without port on that of its scheme."""
    if "://" not in host:
        place, slash, path = host.partition("/")
        place = f"127.0.0.1{place}" if place.startswith(":") else place
        port = "" if ":" in place and not place.endswith("]") else ":11434"
        host = f"http://{place}{port}{slash}{path}"
    return host.rstrip("/").removesuffix("/v1") + "/v1"


def _anthropic_url(url: str) -> str:
    """Read ``ANTHROPIC_BASE_URL`` as Anthropic's own clients do: they append ``/v1`` themselves."""
    return url.rstrip("/").removesuffix("/v1") + "/v1"


def _azure_url(url: str) -> str:
    """Read ``AZURE_OPENAI_ENDPOINT``: the address of the resource, or already that of its v1 API.

    A query such as ``?api-version=...`` is left on, to be refused with its remedy.
    """
    if re.search(r"/v1/?$", url) or urlsplit(url).query:
        return url.rstrip("/")
    return url.rstrip("/").removesuffix("/openai") + "/openai/v1"
