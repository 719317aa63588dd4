"""OASIS: users of a simulated Reddit (JSON) or Twitter (CSV). The MBTI type is a text that is kept and never scored."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import orjson

from personae.persona.formats.content import Content
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.links import Link, as_age, joined, keep_unread, read_links, split_at, write_links
from personae.persona.formats.wording import main_text
from personae.persona.persona import Persona

_AGE = Link("/age", "/demographics/age", as_age)
REDDIT_LINKS = (
    Link("/realname", "/name"),
    Link("/name", "/name"),
    Link("/username", "/id"),
    Link("/persona", "/description"),
    Link("/bio", "/personal_identity/bio"),
    _AGE,
    Link("/gender", "/demographics/gender"),
    Link("/mbti", "/personal_identity/mbti"),
    Link("/country", "/demographics/residence"),
    Link("/profession", "/demographics/occupation"),
    Link("/interested_topics", "/personal_identity/interests", joined("; "), split_at("; ")),
)
TWITTER_LINKS = (
    Link("/name", "/name"),
    Link("/username", "/id"),
    Link("/user_char", "/description"),
    Link("/description", "/personal_identity/bio"),
)

_REDDIT_KEYS = ("realname", "username", "bio", "persona", "age", "gender", "mbti", "country", "profession")
_TWITTER_LISTS = ("following_agentid_list", "previous_tweets")
_TWITTER_KEYS = ("user_id", "name", "username", "user_char", "description")


def _read_reddit(row: Any) -> Told:
    fields = read_links(row, REDDIT_LINKS)
    keep_unread(row, (_AGE,), fields)
    return Told(fields)


def _write_reddit(persona: Persona) -> dict[str, Any]:
    told = {**persona.content(), "id": persona.id, "description": main_text(persona)}
    record = write_links(told, REDDIT_LINKS, persona.extensions.get("oasis_reddit"))
    # OASIS fails on a key that is absent; an empty text invents nothing.
    return {**dict.fromkeys(_REDDIT_KEYS, ""), "interested_topics": [], **record}


def _write_twitter(persona: Persona) -> dict[str, Any]:
    told = {**persona.content(), "id": persona.id, "description": main_text(persona)}
    # OASIS reads the two lists as Python and fails on a user without them; that they are empty claims nothing.
    empty = dict.fromkeys(_TWITTER_KEYS, "") | dict.fromkeys(_TWITTER_LISTS, "[]")
    return {**empty, **write_links(told, TWITTER_LINKS)}


def _pack_reddit(records: Sequence[Record]) -> bytes:
    return orjson.dumps([record.data for record in records], option=orjson.OPT_INDENT_2) + b"\n"


def _pack_twitter(records: Sequence[Record]) -> bytes:
    rows = [{**record.data, "user_id": record.data["user_id"] or str(place)} for place, record in enumerate(records)]
    return write_csv(rows)


def write_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """Spell rows as CSV, with a column for every name that any row has, in the order in which they first come."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


OASIS_REDDIT = Format(
    key="oasis-reddit",
    title="OASIS users of Reddit, JSON",
    ending=".json",
    slot="oasis_reddit",
    holds_many=True,
    recognise=lambda content: (
        bool(content.objects)
        and all("username" in row and ("persona" in row or "bio" in row) for row in content.objects)
    ),
    unpack=lambda content: [Record(row) for row in content.objects],
    read=_read_reddit,
    write=_write_reddit,
    pack=_pack_reddit,
)


def _is_twitter(content: Content) -> bool:
    return {"username", "user_char"} <= set(content.header)


OASIS_TWITTER = Format(
    key="oasis-twitter",
    title="OASIS users of Twitter, CSV",
    ending=".csv",
    slot="oasis_twitter",
    holds_many=True,
    recognise=_is_twitter,
    unpack=lambda content: [Record(row) for row in content.rows],
    read=lambda row: Told(read_links(row, TWITTER_LINKS)),
    write=_write_twitter,
    pack=_pack_twitter,
)
