"""Names of OpenTelemetry attributes and metrics, in one place: the GenAI conventions are still in development.

After the semantic conventions for generative AI (open-telemetry/semantic-conventions-genai), status Development; the
tests compare those that begin with ``gen_ai.`` with the installed ``opentelemetry-semantic-conventions``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
CONVERSATION = "gen_ai.conversation.id"
OUTPUT_TYPE = "gen_ai.output.type"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
REQUEST_TOP_P = "gen_ai.request.top_p"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
REQUEST_SEED = "gen_ai.request.seed"
REQUEST_CHOICES = "gen_ai.request.choice.count"
RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_FINISH = "gen_ai.response.finish_reasons"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens"
REASONING_TOKENS = "gen_ai.usage.reasoning.output_tokens"
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105  # tokens of text
INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
ERROR_TYPE = "error.type"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"

STUDY = "personae.study"
FINGERPRINT = "personae.run.fingerprint"
RUN_SEED = "personae.run.seed"
ENDING = "personae.run.ending"
CELL = "personae.cell.key"
CELL_STATUS = "personae.cell.status"
ROLE = "personae.role"
REPLICATE = "personae.replicate"
IS_CACHED = "personae.is_cached"
COST = "personae.cost"

TOKEN_USAGE = "gen_ai.client.token.usage"  # noqa: S105  # tokens of text
OPERATION_DURATION = "gen_ai.client.operation.duration"
CELLS = "personae.cells"
COSTS = "personae.costs"

TOKEN_BUCKETS = tuple(4.0**power for power in range(14))
"""1 to 67108864, as the convention recommends."""
SECONDS_BUCKETS = tuple(0.01 * 2**power for power in range(14))
"""0.01 to 81.92 s, as the convention recommends."""

FINISH = {"stop": "stop", "length": "length", "filtered": "content_filter"}
"""Finish reasons under the names of the convention; the others are left out."""

_PROVIDERS = {"gemini": "gcp.gemini", "mistral": "mistral_ai", "sim": "personae", "replay": "personae"}
"""Providers whose names differ from the convention's."""


def material_attribute(name: str, what: str) -> str:
    """Name of the attribute for an object that a cell is about.

    Example:
        >>> material_attribute("persona", "hash")
        'personae.persona.hash'
    """
    return f"personae.{name}.{what}"


def model_attributes(name: str) -> dict[str, str | int]:
    """Provider, model and, where the name holds them, host and port.

    Example:
        >>> model_attributes("gemini/gemini-2.5-flash")
        {'gen_ai.provider.name': 'gcp.gemini', 'gen_ai.request.model': 'gemini-2.5-flash'}
    """
    if name.startswith(("http://", "https://")):
        url, _, model = name.partition("#")
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return {PROVIDER: host, REQUEST_MODEL: model, SERVER_ADDRESS: host, SERVER_PORT: port}
    provider, _, model = name.removeprefix("openai-api/").partition("/")
    return {PROVIDER: _PROVIDERS.get(provider, provider), REQUEST_MODEL: model or provider}
