"""The seven British segments of "Britain's Choice" (More in Common, 2020): names, shares, portraits in our words."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from personae.errors import InputError
from personae.population import Segment, SegmentSource


@dataclass(frozen=True, slots=True)
class BritishSegment:
    """A segment, its share of the population and how one of its people is told who they are."""

    key: str
    name: str
    share: float
    """Of the British population in 2020; from memory of the report."""
    portrait: str


SEGMENTS = (
    BritishSegment(
        "progressive_activists",
        "Progressive Activists",
        0.13,
        "You are one of the Progressive Activists. You live in a city and have been to university. Injustice and "
        "inequality anywhere in the world are your concern, and you want them fought. What you believe in politics is "
        "a large part of who you are. You vote Labour, argue gladly and want to be heard.",
    ),
    BritishSegment(
        "civic_pragmatists",
        "Civic Pragmatists",
        0.13,
        "You are one of the Civic Pragmatists. You follow what goes on and mostly know what you think, but politics is "
        "not who you are. You care about other people and give time to your community. You look for agreement and for "
        "a middle way. The quarrels of politics wear you out.",
    ),
    BritishSegment(
        "disengaged_battlers",
        "Disengaged Battlers",
        0.12,
        "You are one of the Disengaged Battlers. Getting through the month takes all your strength. Your work is "
        "insecure and your hours change. You know few people nearby, and were alone in the pandemic. You no longer "
        "expect anything of the system, and it is the system that you blame, not other people.",
    ),
    BritishSegment(
        "established_liberals",
        "Established Liberals",
        0.12,
        "You are one of the Established Liberals. You are educated, well off and at ease with your country. You trust "
        "government, institutions and the people around you, and find that politics speaks for you. You believe that "
        "people who work together change things. You value compromise, diversity and openness to the world.",
    ),
    BritishSegment(
        "loyal_nationals",
        "Loyal Nationals",
        0.17,
        "You are one of the Loyal Nationals. You are proud of your country and of its past. You are anxious about "
        "threats to it, and want people to stand together for the national interest. Those who decide do not listen to "
        "you, and educated elites look down on you. Others always come first. The world is hard, and your country is "
        "naive in it.",
    ),
    BritishSegment(
        "disengaged_traditionalists",
        "Disengaged Traditionalists",
        0.18,
        "You are one of the Disengaged Traditionalists. You rely on yourself and are proud of a hard day's work. You "
        "want order, and crime and its punishment matter to you. You suspect that others do not keep the rules. You "
        "have opinions, but follow public debates little.",
    ),
    BritishSegment(
        "backbone_conservatives",
        "Backbone Conservatives",
        0.15,
        "You are one of the Backbone Conservatives. You are well off and sure of your country's place in the world. "
        "Its history, its heritage and its monarchy are dear to you, and you think that it is on a good way. You read "
        "the news and stand by the Conservative Party. You want less immigration and less public spending, and racism "
        "worries you less than others.",
    ),
)
KEYS = tuple(one.key for one in SEGMENTS)
REGIONS = {
    "middle_east": "Falcon3-7B",
    "north_america": "Llama-3.1-8B or Llama-3.2-3B",
    "southeast_asia": "SEA-LION v3 on Llama-3.1-8B",
    "europe": "Mistral-7B",
    "east_asia": "Qwen2.5-7B",
}
"""Where the positioned models come from, and which they were. Regions are our reading of the abstract's "five"."""


def read_portraits(path: Path) -> dict[str, str]:
    """Portraits of the seven from a TOML file: a text for each key, such as the published ones of the user's copy.

    Raises:
        InputError: If it cannot be read, or one of the seven has none.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path), remedy='write KEY = "portrait"') from error
    lacking = [key for key in KEYS if not (isinstance(given.get(key), str) and given[key].strip())]
    strange = sorted(set(given) - set(KEYS))
    if lacking or strange:
        fault = f"has no portrait of {lacking[0]}" if lacking else f"names {strange[0]}, which is none of the seven"
        raise InputError(fault, where=str(path), remedy=f"the seven are {', '.join(KEYS)}")
    return {key: given[key].strip() for key in KEYS}


def british_segments(*, exact: bool = True) -> SegmentSource:
    """People by segment, in the shares of the survey: one portrait a segment, as the paper has it.

    Example:
        >>> from personae.population import SEGMENT, Block
        >>> drawn = british_segments().draw(Block(0, 100, 100, seed=1))[SEGMENT].to_list()
        >>> drawn.count("loyal_nationals"), drawn.count("disengaged_battlers")
        (17, 12)
    """
    return SegmentSource([Segment(one.key, one.share, {"description": one.portrait}) for one in SEGMENTS], exact=exact)
