"""Fifty short lives, so that respondents differ before anything is asked of them.

The published descriptions are of the PersonaChat data set; they come with the authors' session file and are not
repeated here. These are drawn once from sentences of ours, some of which say something about a
trait, as people's own do.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_FACTS = (
    "I have two dogs", "I drive an old truck", "I grew up by the sea", "I work nights at a bakery",
    "My sister is a nurse", "I drink too much coffee", "I am saving for a house", "I collect stamps",
    "I was born in a small town", "My favourite season is autumn", "I teach at a school", "I ride my bicycle to work",
    "I have three children", "I play the drums", "I do not eat meat", "I once lived abroad",
    "My father repaired radios", "I follow baseball",
)  # fmt: skip
_LEANINGS = (
    "I am outgoing and talkative", "I love big parties", "I am shy and quiet around strangers",
    "I would rather be alone", "I am kind and trust people", "I am always ready to help a neighbour",
    "I am stubborn and often argue", "I do not trust anybody", "I am organized and hardworking",
    "I keep every appointment and am thorough", "I am messy and put things off", "I am careless with money",
    "I am anxious and worry a lot", "I get upset easily and am moody", "I am calm and relaxed", "Nothing stresses me",
    "I am curious and imaginative", "I am creative and love art and poetry", "I am practical and like routine",
    "I find art boring",
)  # fmt: skip
COUNT = 50


@lru_cache(maxsize=1)
def biographies() -> tuple[str, ...]:
    """The fifty, always the same: three facts and two leanings each."""
    rng = np.random.default_rng(20_230_701)
    found: list[str] = []
    while len(found) < COUNT:
        facts = [_FACTS[place] for place in rng.choice(len(_FACTS), 3, replace=False)]
        leanings = [_LEANINGS[place] for place in rng.choice(len(_LEANINGS), 2, replace=False)]
        chosen = [*facts, *leanings]
        text = ". ".join(chosen[place] for place in rng.permutation(len(chosen))) + "."
        if text not in found:
            found.append(text)
    return tuple(found)
