"""Models behind one protocol: requests and replies as values, providers found by name, retries, cache, prices."""

from personae.model.anthropic import Anthropic
from personae.model.batch import Batched, BatchSettings
from personae.model.batch_service import AnthropicBatches, BatchService, OpenAIBatches
from personae.model.breaker import Breaker, BreakerPolicy
from personae.model.cache import Cached, ResponseCache, cache_key
from personae.model.cache_contents import CACHE_FILE, Holding, Identity, Pruned, Stats, prune, read_stats
from personae.model.cache_explained import (
    Difference,
    Explanation,
    Miss,
    differences_between,
    explain_misses,
    why_not_kept,
)
from personae.model.cache_transfer import Imported, export_replies, import_replies
from personae.model.choosing import ChoiceProbabilities, choose
from personae.model.concurrency import Concurrency
from personae.model.continuing import (
    Continuation,
    continuation_reply,
    continuation_request,
    is_continuation,
    score_continuations,
)
from personae.model.deadline import Deadlined
from personae.model.endpoint import Endpoint
from personae.model.failure import HOPELESS, RETRYABLE, Ends, FailureKind, ProviderError
from personae.model.limiting import Limited, Limiter, Limits, limiter_of, limiters_here
from personae.model.openai_compatible import OpenAICompatible
from personae.model.options import ENDPOINT_OPTIONS
from personae.model.presets import PROVIDERS, Provider
from personae.model.prices import Price, cost_of, price_of, read_prices
from personae.model.protocols import Embeds, Identified, Model, Remote, Scores, Streams, identity_of
from personae.model.providers import find_endpoint, is_endpoint, open_client, open_model, provider_names
from personae.model.rate import Bucket, TokenEstimate
from personae.model.recorded import RecordedModel
from personae.model.reply import Finish, Reply, TokenLogprob, Usage, reply_from_json, reply_to_json
from personae.model.request import (
    Message,
    Request,
    Role,
    Sampling,
    Schema,
    ToolMessage,
    messages_from_json,
    request_from_json,
    request_key,
)
from personae.model.retry import Retrying, RetryPolicy
from personae.model.scripted import ScriptedModel
from personae.model.status import STATUSES, USABLE, Status, is_refusal, worst_status
from personae.model.structured import Structured, ask_structured, read_structured
from personae.model.tools import Tool, ToolCall

__all__ = [
    "CACHE_FILE",
    "ENDPOINT_OPTIONS",
    "HOPELESS",
    "PROVIDERS",
    "RETRYABLE",
    "STATUSES",
    "USABLE",
    "Anthropic",
    "AnthropicBatches",
    "BatchService",
    "BatchSettings",
    "Batched",
    "Breaker",
    "BreakerPolicy",
    "Bucket",
    "Cached",
    "ChoiceProbabilities",
    "Concurrency",
    "Continuation",
    "Deadlined",
    "Difference",
    "Embeds",
    "Endpoint",
    "Ends",
    "Explanation",
    "FailureKind",
    "Finish",
    "Holding",
    "Identified",
    "Identity",
    "Imported",
    "Limited",
    "Limiter",
    "Limits",
    "Message",
    "Miss",
    "Model",
    "OpenAIBatches",
    "OpenAICompatible",
    "Price",
    "Provider",
    "ProviderError",
    "Pruned",
    "RecordedModel",
    "Remote",
    "Reply",
    "Request",
    "ResponseCache",
    "RetryPolicy",
    "Retrying",
    "Role",
    "Sampling",
    "Schema",
    "Scores",
    "ScriptedModel",
    "Stats",
    "Status",
    "Streams",
    "Structured",
    "TokenEstimate",
    "TokenLogprob",
    "Tool",
    "ToolCall",
    "ToolMessage",
    "Usage",
    "ask_structured",
    "cache_key",
    "choose",
    "continuation_reply",
    "continuation_request",
    "cost_of",
    "differences_between",
    "explain_misses",
    "export_replies",
    "find_endpoint",
    "identity_of",
    "import_replies",
    "is_continuation",
    "is_endpoint",
    "is_refusal",
    "limiter_of",
    "limiters_here",
    "messages_from_json",
    "open_client",
    "open_model",
    "price_of",
    "provider_names",
    "prune",
    "read_prices",
    "read_stats",
    "read_structured",
    "reply_from_json",
    "reply_to_json",
    "request_from_json",
    "request_key",
    "score_continuations",
    "why_not_kept",
    "worst_status",
]
