"""Finding a model by its name.

``provider/model`` asks a known provider, ``http(s)://host/v1#model`` any OpenAI-compatible endpoint, ``sim`` the
simulated respondent, ``replay/<folder>`` recorded calls. Third parties add providers by an entry point in the group
``personae.models``: a function of the name and the options that returns a model.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError, ModelError
from personae.model.cache import Cached, ResponseCache
from personae.model.openai_compatible import Endpoint, OpenAICompatible, check_base_url
from personae.model.protocols import Model
from personae.model.recorded import RecordedModel
from personae.model.reply import Reply
from personae.model.request import Request
from personae.model.retry import Retrying, RetryPolicy
from personae.settings import read_setting

ENTRY_POINTS = "personae.models"

Factory = Callable[[str, Mapping[str, str]], Model]
"""Makes a model from its full name and the options of the command line."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A hosted or local service that speaks chat completions."""

    base_url: str
    key_variable: str = ""
    """Environment variable of the API key; empty if none is needed."""
    url_variable: str = ""
    """Environment variable that overrides the base URL."""
    max_tokens_field: str = "max_tokens"
    send_seed: bool = True


PROVIDERS: dict[str, Provider] = {
    "openai": Provider("https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL", "max_completion_tokens"),
    "ollama": Provider("http://127.0.0.1:11434/v1", url_variable="OLLAMA_HOST"),
    "vllm": Provider("http://127.0.0.1:8000/v1", url_variable="VLLM_BASE_URL"),
    "lmstudio": Provider("http://127.0.0.1:1234/v1", url_variable="LMSTUDIO_BASE_URL"),
    "llamacpp": Provider("http://127.0.0.1:8080/v1", url_variable="LLAMACPP_BASE_URL"),
    "openrouter": Provider("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "gemini": Provider("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", send_seed=False),
    "mistral": Provider("https://api.mistral.ai/v1", "MISTRAL_API_KEY", send_seed=False),
    "groq": Provider("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "deepseek": Provider("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", send_seed=False),
    "together": Provider("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
}
"""Services that are known by name. Any other is reached by its URL or as ``openai-api/<name>/<model>``."""

_KEY_ALIASES = {"GEMINI_API_KEY": "GOOGLE_API_KEY"}

ENDPOINT_OPTIONS: dict[str, str] = {
    "timeout": "seconds that one call may take (default 120)",
    "attempts": "calls made before giving up, the first included (default 5)",
    "max_tokens_field": "name of the field that bounds the reply: max_tokens or max_completion_tokens",
    "send_seed": "whether the seed is sent: true or false",
    "extra_body": "JSON object of further fields of the request body",
}
"""Options of endpoint models, as ``-M key=value`` sets them."""


def open_model(
    name: str, options: Mapping[str, str] | None = None, *, base_url: str = "", cache: ResponseCache | None = None
) -> Model:
    """Make the model of this name; models behind an endpoint come with retries and, if given, a cache.

    Args:
        name: ``sim``, ``replay/<folder>``, ``provider/model``, ``openai-api/<name>/<model>`` (key and URL from
            ``<NAME>_API_KEY`` and ``<NAME>_BASE_URL``) or ``http(s)://host:port/v1#model``.
        options: What ``-M key=value`` sets.
        base_url: Base URL to use instead of the provider's.
        cache: Where replies of endpoint models are kept.

    Raises:
        ModelError: If no provider has this name.
        InputError: If an option is unknown or malformed.
    """
    options = dict(options or {})
    provider, _, rest = name.partition("/")
    if provider == "replay":
        if not rest:
            raise InputError("the folder is not named", where=name, remedy="write replay/FOLDER")
        _refuse_options(name, options, ())
        return RecordedModel(name, Path(rest))
    if name.startswith(("http://", "https://")) or provider in PROVIDERS or provider == "openai-api":
        attempts = options.pop("attempts", "5")
        client = OpenAICompatible(name, find_endpoint(name, options, base_url=base_url))
        model: Model = Retrying(client, RetryPolicy(attempts=_whole_number(name, "attempts", attempts)))
        if cache is not None:
            model = Cached(model, cache, client.identity)
        return Served(model, client)
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == provider:
            return _load(entry)(name, options)
    raise _unknown(name)


class Served:
    """An endpoint model as it is handed out: retries and cache around replies, the client's other abilities bare."""

    def __init__(self, model: Model, client: OpenAICompatible) -> None:
        self.name = model.name
        self.client = client
        self._model = model
        self.score = client.score
        self.stream = client.stream
        self.embed = client.embed
        self.check = client.check
        self.aclose = client.aclose

    @property
    def identity(self) -> str:
        """Endpoint, model and answer-changing options."""
        return self.client.identity

    async def generate(self, request: Request) -> Reply:
        """Answer one request, from the cache if it is there, repeating the call while that may help."""
        return await self._model.generate(request)


def find_endpoint(name: str, options: Mapping[str, str], *, base_url: str = "") -> Endpoint:
    """Find where a named endpoint model is reached, reading keys and URLs from the environment.

    Raises:
        ModelError: If no endpoint has this name.
        InputError: If the model or the URL is missing, or an option is unknown or malformed.
    """
    provider, model = _provider_of(name)
    _refuse_options(name, options, ENDPOINT_OPTIONS)
    if not model:
        raise InputError(
            "the model is not named", where=name, remedy="write PROVIDER/MODEL or http://HOST:PORT/v1#MODEL"
        )
    url = base_url or _configured_url(provider) or provider.base_url
    if not url:
        raise InputError("the base URL is not known", where=name, remedy=f"set {provider.url_variable}")
    api_key = _read_key(provider.key_variable)
    extra_body = _json_object(name, options.get("extra_body", "{}"))
    _refuse_secrets(name, extra_body, api_key)
    return Endpoint(
        base_url=url,
        model=model,
        api_key=api_key,
        # Whoever names a URL, another one or one of no provider, decides whether it wants a key.
        key_variable=provider.key_variable if provider in PROVIDERS.values() and url == provider.base_url else "",
        timeout=_seconds(name, options.get("timeout", "120")),
        max_tokens_field=options.get("max_tokens_field", provider.max_tokens_field),
        send_seed=_truth(name, options["send_seed"]) if "send_seed" in options else provider.send_seed,
        extra_body=extra_body,
    )


def _provider_of(name: str) -> tuple[Provider, str]:
    if name.startswith(("http://", "https://")):
        url, _, model = name.partition("#")
        check_base_url(url, where=name)  # first of all, as every later message shows the name
        return Provider(url, "OPENAI_API_KEY"), model
    provider, _, model = name.partition("/")
    if provider == "openai-api":
        service, _, model = model.partition("/")
        prefix = re.sub(r"\W", "_", service.upper())
        return Provider("", f"{prefix}_API_KEY", f"{prefix}_BASE_URL"), model
    if provider not in PROVIDERS:
        raise _unknown(name)
    return PROVIDERS[provider], model


def _configured_url(provider: Provider) -> str:
    url = (read_setting(provider.url_variable) or "") if provider.url_variable else ""
    return _ollama_url(url) if url and provider.url_variable == "OLLAMA_HOST" else url


def _ollama_url(host: str) -> str:
    """Read ``OLLAMA_HOST`` as Ollama does: a bare host is on port 11434, a URL without port on that of its scheme."""
    if "://" not in host:
        place, slash, path = host.partition("/")
        place = f"127.0.0.1{place}" if place.startswith(":") else place
        port = "" if ":" in place and not place.endswith("]") else ":11434"
        host = f"http://{place}{port}{slash}{path}"
    return host.rstrip("/").removesuffix("/v1") + "/v1"


def _read_key(variable: str) -> str:
    if not variable:
        return ""
    return read_setting(variable) or read_setting(_KEY_ALIASES.get(variable, variable)) or ""


def _load(entry: EntryPoint) -> Factory:
    try:
        factory: Factory = entry.load()
    except (ImportError, AttributeError) as error:
        raise ModelError(
            f"its provider cannot be imported: {error}",
            where=entry.name,
            remedy=f"repair or remove the package that offers {entry.value!r}",
        ) from error
    return factory


def provider_names() -> list[str]:
    """Names that a model name can begin with."""
    found = {entry.name for entry in entry_points(group=ENTRY_POINTS)}
    return sorted({*PROVIDERS, "openai-api", "replay", *found})


def _unknown(name: str) -> ModelError:
    provider = name.partition("/")[0]
    close = difflib.get_close_matches(provider, provider_names(), n=1)
    return ModelError(
        f"no provider is called {provider!r}" + (f" (did you mean {close[0]!r}?)" if close else ""),
        where=name,
        remedy="personae models lists the names; any other endpoint is http://HOST:PORT/v1#MODEL",
    )


def _refuse_options(name: str, options: Mapping[str, str], known: Mapping[str, str] | tuple[()]) -> None:
    for option in options:
        if option not in known:
            offer = f"known are {', '.join(known)}" if known else "this model takes none"
            raise InputError(f"the option {option!r} is not known", where=name, remedy=offer)


def _seconds(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise InputError(f"timeout={text!r} is not a number of seconds", where=name, remedy="write -M timeout=60")
    return value


def _whole_number(name: str, option: str, text: str) -> int:
    if not text.isdecimal() or not 1 <= len(text.lstrip("0")) <= 9:
        raise InputError(f"{option}={text!r} is not a whole number above 0", where=name, remedy=f"write -M {option}=3")
    return int(text)


def _truth(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise InputError(f"{text!r} is neither true nor false", where=name, remedy="write -M send_seed=false")
    return text.lower() == "true"


_SECRET_NAME = re.compile(
    r"api[-_]?key|secret|passw|authorization|credential|(access|auth|bearer|hf)[-_]?token", re.IGNORECASE
)


def _refuse_secrets(name: str, value: Any, api_key: str) -> None:
    """Options are written into the record of the run; a key must not be among them."""
    found = ""
    if isinstance(value, Mapping):
        found = next((key for key in value if _SECRET_NAME.search(key)), "")
        for part in value.values():
            _refuse_secrets(name, part, api_key)
    elif isinstance(value, list):
        for part in value:
            _refuse_secrets(name, part, api_key)
    elif isinstance(value, str) and len(api_key) >= 8 and api_key in value:
        found = "the API key"
    if found:
        raise InputError(
            f"extra_body holds a secret ({found}), and options are kept in the record of the run",
            where=name,
            remedy="set it as the provider's key variable",
        )


def _json_object(name: str, text: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InputError("extra_body is not a JSON object", where=name, remedy="write -M 'extra_body={\"top_k\": 40}'")
    return value
