"""Wordings of the questionnaire, and one paraphrase of ours, as the published rephrasings have no licence."""

from __future__ import annotations

from functools import lru_cache

from personae.instrument import Instrument, Wording, load_instrument

_OURS = """
talks a lot; often criticises others; works thoroughly; feels depressed and sad; has original, new ideas; is quiet and
keeps things to themselves; is helpful and generous to others; can be careless at times; is calm and copes well with
stress; is curious about many things; has a lot of energy; gets into quarrels with others; is a dependable worker; can
be tense and nervous; is a clever, deep thinker; spreads enthusiasm; forgives easily; is often disorganized; is a
worrier; has a vivid imagination; is mostly quiet; generally trusts people; is rather lazy; has stable emotions and is
not upset easily; is inventive and full of ideas; is assertive and speaks up; can be cold and distant; keeps at a task
until it is done; has changing moods; cares about art and beauty; is at times shy and inhibited; is kind and considerate
to nearly everybody; works efficiently; stays calm when things get tense; likes routine work best; is outgoing and
sociable; is rude to others at times; makes plans and carries them out; gets nervous easily; likes to think about ideas
and play with them; has little interest in art; likes to cooperate with others; is easily distracted; knows much about
art, music or books
"""

OURS = "ours_1"


@lru_cache(maxsize=8)
def questionnaire(path: str) -> Instrument:
    """The instrument that is asked: the user's, else the BFI-44 with a paraphrase of ours beside its own wording."""
    if path:
        return load_instrument(path)
    bfi = load_instrument("bfi-44")
    texts = [text.replace("\n", " ").strip() for text in _OURS.split(";")]
    ours = Wording(
        key=OURS,
        source="paraphrase by personae; none of the published rephrasings",
        items=dict(zip(bfi.item_ids, texts, strict=True)),
        stem=bfi.stem,
    )
    return bfi.model_copy(update={"wordings": (*bfi.wordings, ours)})


def levels_of(instrument: Instrument, languages: str, most: int) -> list[tuple[str, str, str]]:
    """Language, name of the version (v1, v2 ... within the language) and key of every wording that is crossed.

    Raises:
        InputError: If a language has no wording.
    """
    from personae.errors import InputError

    every = dict.fromkeys([instrument.language, *(one.language for one in instrument.wordings)])
    wanted = [one.strip() for one in languages.split(",") if one.strip()] or list(every)
    found = []
    for language in wanted:
        keys = instrument.wordings_in(language)[:most]
        if not keys:
            raise InputError(
                f"has no wording in {language!r}", where=instrument.key, remedy=f"its languages are {', '.join(every)}"
            )
        found += [(language, f"v{number}", key) for number, key in enumerate(keys, start=1)]
    return found
