"""The OpenAI-compatible API: a persona is a model."""
