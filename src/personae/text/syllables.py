"""How many syllables an English word has, estimated from its spelling: for measures of reading ease.

The rules are our own. A dictionary of pronunciations would do better on single words; over a text the errors of the
rules largely cancel, and nothing has to be installed or downloaded.
"""

from __future__ import annotations

import re

_VOWELS = re.compile("[aeiouyáàâäæéèêëíìîïóòôöœúùûü]+")

_SILENT_END = re.compile(r"(?<=[^aeiouy])e[sd]?$")
_SPOKEN_END = re.compile(
    r"[bcdfgkpstz]le[sd]?$"  # ta-bles, set-tled; not killed
    r"|[bcdfgkpt]re[sd]?$"  # a-cres, hun-dred
    r"|(?:[cgsxz]|[cs]h)es$"  # chan-ges, bo-xes
    r"|[td]ed$"  # want-ed
)

# Letters that stand for a vowel in general and for none here, apart from an e at the end.
_SILENT_WITHIN = re.compile(
    r"(?<=[aeiouy][^aeiouy])e(?<!ele)(?=(?:ly|ment|ful|less|ness|thing|time|where|body|ways?|what|land|side|town|work"
    r"|house|line|man|men|room|hood|day|book)(?:s|ly|al)?$)"  # love-ly, state-ment, some-thing
    r"|(?<=[rn][cg])e(?=(?:ment|ly|ful|less)s?$)"  # strange-ly, force-ful
    r"|(?<=ev)e(?=r[yi])"  # every
    r"|(?<=ic)a(?=lly$)"  # basically
    r"|(?<=us)i(?=ness)"  # business
)

# The first of two vowels that are written together and spoken apart, and consonants that are spoken as a syllable.
_APART = re.compile(
    r"(?<![cgst])i(?=a(?!ge)|o(?!n))|(?<=[ctd])i(?=at)"  # di-al, ri-ot, ini-ti-ate; not so-cial, mar-riage
    r"|(?<![cgstlnx])i(?=on)|(?<=^l)i(?=on)"  # scorpi-on, li-on; not na-tion
    r"|(?<=[^cgt])i(?=u[ms])|(?<=[^aeiou])i(?=e(?:r|st)s?$)"  # medi-um, happi-er
    r"|(?<!t)i(?=en[ct])(?<!ci)|(?<=^sci)(?=en)|i(?=et[ys]?$|eti)"  # cli-ent, sci-ence, qui-et; not pa-tient
    r"|[aeiouy](?=ing)|[aou]y(?=[aeo](?!d$))|(?<=be)y(?=o)|y(?=one$)"  # see-ing, play-er, any-one; not played
    r"|(?<=[^gq])u(?=a|ou|ity|en[ct]|el|et|o)"  # actu-al, flu-ent, cru-el
    r"|(?<=[^p])e(?=o(?!u|p|r|n))|(?<=p)o(?=e[mt])"  # vide-o, po-et; not peo-ple
    r"|(?<=cr)e(?=at(?!u))|(?<=r)e(?=act|ali)|(?<=id)e(?=a)|(?<=ar)e(?=a)|(?<=th)e(?=at)"  # cre-ate, ide-a, are-a
    r"|[st](?=h?ms?$)"  # rea-lis-m, rhyth-m
    r"|(?<=[ds])n(?='t)"  # did-n't
)


def syllables(word: str) -> int:
    """Estimate the number of syllables of a lower-case English word, at least 1.

    Groups of vowels are counted, less a silent final e, and with corrections for endings and for vowels that are spoken
    apart. Abbreviations and numbers count as if they were spelled words, mostly 1.

    Example:
        >>> [syllables(word) for word in ("strengths", "every", "creation", "science", "didn't", "settled")]
        [1, 2, 3, 2, 2, 2]
    """
    count = len(_VOWELS.findall(word))
    if _SILENT_END.search(word) and not _SPOKEN_END.search(word):
        count -= 1
    count += len(_APART.findall(word)) - len(_SILENT_WITHIN.findall(word))
    return max(1, count)
