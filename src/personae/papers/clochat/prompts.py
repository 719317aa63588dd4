"""What participants and chat partners are told; worded by personae after the published design."""

from __future__ import annotations

PARTICIPANT = """\
You take part in a study of chat programs. Be yourself:

$persona"""

DESIGN = """\
You will talk with a chat partner that you design yourself. Fill in the form as you like; leave a field empty \
(0 for the age) if you do not care:

$dimensions

$contexts"""

TALK = """\
$context

Write your next message to the chat partner as JSON: "message" in at most 60 words, and "goes_on": whether you want to \
go on with this talk after it."""

CHANGE = """\
You may change your chat partner now. Name one dimension and its new text, or "nothing":

$dimensions"""

PARTNER = """\
$persona

Stay this person while you talk with the user."""

CONTEXTS = """\
Ask for an explanation of something that you have wanted to understand.
Talk about something that has been weighing on you.
Plan a free weekend.
Chat about a film, a book or a song."""
"""What is talked about, a line each: seeking information, support, planning, small talk. Ours, not the published."""
