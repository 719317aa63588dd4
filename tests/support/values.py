"""Hypothesis strategies for requests and replies, and a request and a reply with every field set."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from personae.model import Message, Reply, Request, Sampling, Schema, TokenLogprob, Usage

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # lone surrogates have no UTF-8
counts = st.integers(0, 2**31)
fractions = st.floats(0, 2, allow_nan=False)
logprobs = st.floats(-1e6, 0, allow_nan=False)

json_leaves: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
json_values: st.SearchStrategy[Any] = st.recursive(
    json_leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)

messages = st.builds(Message, st.sampled_from(["system", "user", "assistant"]), texts)

samplings = st.builds(
    Sampling,
    temperature=st.none() | fractions,
    top_p=st.none() | fractions,
    max_tokens=st.none() | st.integers(1, 10_000),
    seed=st.none() | counts,
    stop=st.lists(texts, max_size=3).map(tuple),
    n=st.integers(1, 8),
    top_logprobs=st.integers(0, 20),
)

schemas = st.builds(Schema, st.text("abc_", min_size=1), st.dictionaries(texts, json_values, max_size=3))

requests = st.builds(
    Request,
    messages=st.lists(messages, max_size=4).map(tuple),
    sampling=samplings,
    schema=st.none() | schemas,
    choices=st.lists(texts, max_size=3).map(tuple),
    replicate=st.integers(0, 1000),
)

usages = st.builds(Usage, counts, counts, counts, counts)

token_logprobs = st.builds(TokenLogprob, texts, logprobs, st.lists(st.tuples(texts, logprobs), max_size=3).map(tuple))

replies = st.builds(
    Reply,
    text=texts,
    finish=st.sampled_from(["stop", "length", "filtered", "unknown"]),
    model=texts,
    usage=usages,
    alternatives=st.lists(texts, max_size=2).map(tuple),
    refusal=texts,
    logprobs=st.lists(token_logprobs, max_size=2).map(tuple),
    request_id=texts,
    seconds=st.floats(0, 1e4, allow_nan=False),
    is_cached=st.booleans(),
)

FULL_REQUEST = Request(
    messages=(Message("system", "You are Ada."), Message("user", "Rate yourself."), Message("assistant", "On what?")),
    sampling=Sampling(temperature=0.7, top_p=0.9, max_tokens=50, seed=0, stop=("END",), n=2, top_logprobs=5),
    schema=Schema("rating", {"type": "object", "properties": {"value": {"type": "integer"}}}),
    choices=("yes", "no"),
    replicate=3,
)

FULL_REPLY = Reply(
    text="Four.",
    finish="length",
    model="gpt-4o-mini-2024-07-18",
    usage=Usage(10, 5, 4, 2),
    alternatives=("Five.",),
    refusal="No.",
    logprobs=(TokenLogprob("Four", -0.1, (("Four", -0.1), ("Five", -2.0))),),
    request_id="chatcmpl-7",
    seconds=1.5,
)
