"""Finding a model by its name.

``provider/model`` asks a known provider, ``http(s)://host/v1#model`` any OpenAI-compatible endpoint, ``sim`` the
simulated respondent, ``replay/<folder>`` recorded calls. Third parties add providers by an entry point in the group
``personae.models``: a function of the name and the options that returns a model.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from personae.canonical import content_hash
from personae.errors import InputError, ModelError
from personae.model.anthropic import Anthropic
from personae.model.batch import Batched, BatchSettings
from personae.model.batch_service import AnthropicBatches, OpenAIBatches
from personae.model.cache import Cached, ResponseCache
from personae.model.deadline import Deadlined
from personae.model.endpoint import Endpoint, check_base_url
from personae.model.limiting import Limited, Limiter, Limits, limiter_of
from personae.model.openai_compatible import OpenAICompatible
from personae.model.options import (
    BATCH_ONLY,
    CHAT_ONLY,
    ENDPOINT_OPTIONS,
    MESSAGES_ONLY,
    read_object,
    read_seconds,
    read_truth,
    read_whole_number,
    refuse_options,
)
from personae.model.presets import PROVIDERS, Provider, configured_url, read_key
from personae.model.protocols import Model
from personae.model.recorded import RecordedModel
from personae.model.retry import Retrying, RetryPolicy
from personae.model.served import Served, ServedMessages
from personae.settings import cache_dir, read_setting

ENTRY_POINTS = "personae.models"
_LIMITS = ("rpm", "tpm", "max_concurrency")

Factory = Callable[[str, Mapping[str, str]], Model]
"""Makes a model from its full name and the options of the command line."""


def open_model(
    name: str,
    options: Mapping[str, str] | None = None,
    *,
    base_url: str = "",
    cache: ResponseCache | None = None,
    batch_folder: Path | None = None,
) -> Model:
    """Make the model of this name; models behind an endpoint come with retries and, if given, a cache.

    Args:
        name: ``sim``, ``replay/<folder>``, ``provider/model``, ``openai-api/<name>/<model>`` (key and URL from
            ``<NAME>_API_KEY`` and ``<NAME>_BASE_URL``) or ``http(s)://host:port/v1#model``.
        options: What ``-M key=value`` sets.
        base_url: Base URL to use instead of the provider's.
        cache: Where replies of endpoint models are kept.
        batch_folder: Where the state of batches is kept (``-M batch=true``); by default the folder of the cache.

    Raises:
        ModelError: If no provider has this name.
        InputError: If an option is unknown or malformed.
    """
    options = dict(options or {})
    provider, _, rest = name.partition("/")
    if provider == "replay":
        if not rest:
            raise InputError("the folder is not named", where=name, remedy="write replay/FOLDER")
        refuse_options(name, options, ())
        return RecordedModel(name, Path(rest))
    if is_endpoint(name):
        return _serve(name, options, base_url, cache, batch_folder)
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == provider:
            return _load(entry)(name, options)
    raise _unknown(name)


def is_endpoint(name: str) -> bool:
    """Whether the model of this name is behind an endpoint: with retries, and with replies that are cached.

    Example:
        >>> is_endpoint("openai/gpt-4o-mini"), is_endpoint("http://host/v1#m"), is_endpoint("sim")
        (True, True, False)
    """
    provider = name.partition("/")[0]
    return name.startswith(("http://", "https://")) or provider in PROVIDERS or provider == "openai-api"


def _serve(
    name: str, options: dict[str, str], base_url: str, cache: ResponseCache | None, batch_folder: Path | None
) -> Model:
    attempts = options.pop("attempts", "5")
    client = open_client(name, options, base_url=base_url)  # first of all: it refuses names that must not be shown
    policy = RetryPolicy(attempts=read_whole_number(name, "attempts", attempts))
    batched = _batch(name, options, client, batch_folder)
    model: Model = Retrying(batched or Limited(client, find_limiter(name, client.endpoint, options)), policy)
    if "deadline" in options:
        model = Deadlined(model, read_seconds(name, "deadline", options["deadline"]))
    if cache is not None:
        model = Cached(model, cache, client.identity)
    if isinstance(client, Anthropic):
        return ServedMessages(model, client, batched)
    return Served(model, client, batched)


def find_limiter(name: str, endpoint: Endpoint, options: Mapping[str, str]) -> Callable[[], Limiter]:
    """What gives the limiter of an endpoint, which all models with the same URL and API key share.

    Raises:
        InputError: If ``rpm``, ``tpm`` or ``max_concurrency`` is malformed.
    """
    given = {option: read_whole_number(name, option, options[option]) for option in _LIMITS if option in options}
    limits = Limits(given.get("rpm"), given.get("tpm"), given.get("max_concurrency"))
    key = content_hash(endpoint.api_key) if endpoint.api_key else ""
    return partial(limiter_of, endpoint.base_url, limits, key=key)


def _batch(
    name: str, options: Mapping[str, str], client: OpenAICompatible | Anthropic, folder: Path | None
) -> Batched | None:
    """Wrap a client so that its calls join batches, if the options say so."""
    if not read_truth(name, "batch", options.get("batch", "false")):
        for option in BATCH_ONLY:
            if option in options:
                raise InputError(f"{option} is for batches", where=name, remedy="add -M batch=true, or leave it out")
        return None
    provider = name.partition("/")[0]
    if provider in PROVIDERS and not PROVIDERS[provider].has_batches:
        known = ", ".join(key for key, one in PROVIDERS.items() if one.has_batches)
        raise InputError(f"{provider} takes no batches", where=name, remedy=f"leave batch out; batches are for {known}")
    size = options.get("batch_size")
    settings = BatchSettings(
        wait=read_seconds(name, "batch_wait", options.get("batch_wait", "5")),
        poll=read_seconds(name, "poll", options.get("poll", "60")),
        most_requests=None if size is None else read_whole_number(name, "batch_size", size),
    )
    service = AnthropicBatches(client) if isinstance(client, Anthropic) else OpenAIBatches(client)
    return Batched(client, service, folder or cache_dir(), settings)


def open_client(name: str, options: Mapping[str, str], *, base_url: str = "") -> OpenAICompatible | Anthropic:
    """Make the bare client of an endpoint model: no retries, no cache.

    Raises:
        ModelError: If no endpoint has this name.
        InputError: If the model or the URL is missing, or an option is unknown or malformed.
    """
    endpoint = find_endpoint(name, options, base_url=base_url)
    if _provider_of(name)[0].protocol == "messages":
        cache_control = read_truth(name, "cache_control", options.get("cache_control", "false"))
        return Anthropic(name, endpoint, cache_control=cache_control)
    return OpenAICompatible(name, endpoint)


def find_endpoint(name: str, options: Mapping[str, str], *, base_url: str = "") -> Endpoint:
    """Find where a named endpoint model is reached, reading keys and URLs from the environment.

    Raises:
        ModelError: If no endpoint has this name.
        InputError: If the model or the URL is missing, or an option is unknown or malformed.
    """
    provider, model = _provider_of(name)
    other = CHAT_ONLY if provider.protocol == "messages" else MESSAGES_ONLY
    refuse_options(name, options, [option for option in ENDPOINT_OPTIONS if option not in other])
    if not model:
        raise InputError(
            "the model is not named", where=name, remedy="write PROVIDER/MODEL or http://HOST:PORT/v1#MODEL"
        )
    url = base_url or configured_url(provider) or provider.base_url
    if not url:
        raise InputError("the base URL is not known", where=name, remedy=f"set {provider.url_variable}")
    # Whoever names a URL, another one or one of no provider, decides whether it wants a key.
    is_own = url == provider.base_url or not (base_url or provider.base_url)
    version = read_setting(provider.version_variable) if provider.version_variable else None
    api_key = read_key(provider.key_variable)
    extra_body = read_object(name, "extra_body", options.get("extra_body", "{}"))
    _refuse_secrets(name, extra_body, api_key)
    scoring = options.get("scoring", "echo")
    if scoring not in ("echo", "prompt_logprobs"):
        raise InputError(f"scoring={scoring!r} is unknown", where=name, remedy="write echo or prompt_logprobs")
    is_plain = read_truth(name, "plain", options.get("plain", "false"))
    if is_plain and read_truth(name, "batch", options.get("batch", "false")):
        raise InputError("batches have no plain texts", where=name, remedy="leave out batch or plain")
    return Endpoint(
        base_url=url,
        model=model,
        api_key=api_key,
        key_variable=provider.key_variable if provider in PROVIDERS.values() and is_own else "",
        timeout=read_seconds(name, "timeout", options.get("timeout", "120")),
        max_tokens_field=options.get("max_tokens_field", provider.max_tokens_field),
        send_seed=read_truth(name, "send_seed", options["send_seed"]) if "send_seed" in options else provider.send_seed,
        extra_body=extra_body,
        seed_field=provider.seed_field,
        key_header=provider.key_header,
        headers=provider.headers,
        query={"api-version": version} if version else {},
        scoring=scoring,
        is_plain=is_plain,
    )


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
