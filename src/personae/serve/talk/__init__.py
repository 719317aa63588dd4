"""Conversations of the studio: trees of messages, seats that answer, and what can be said about an answer."""
