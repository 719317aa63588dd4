"""The prompts, worded by personae after the published stages."""

from __future__ import annotations

CLIENT_ROLE = "You are the client of this counselling session. Be the person that you were in it."
COUNSELLOR_ROLE = "You are the counsellor of this session and know your client from it."
ITEM = """\
Before the session ends, please answer one question from what was said and from who you are.

Statement: $items

Response options:
$options

Give your option and the reason for it, the option first, as in "$example"."""
ABOUT_CLIENT = """\
Here is the transcript of a counselling session.

<transcript>
$material
</transcript>

Say how well each statement describes the client."""
DIRECT = """\
Rate the extraversion, agreeableness, conscientiousness, neuroticism and openness of the client of this session, \
each from 1 (very low) to 5 (very high), as a JSON object."""
TRANSCRIPT = """\
<transcript>
$material
</transcript>

"""
