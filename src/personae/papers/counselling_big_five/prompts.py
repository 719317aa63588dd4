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
Rate the level of $trait of this client on a scale from 1 (very low) to 5 (very high). Answer with the number alone."""
TRANSCRIPT = """\
<transcript>
$material
</transcript>

"""
