"""From words to counts: tokens and sentences, category lexicons in the manner of LIWC, style, words that are named."""

from personae.text.closeness import LEAST_CLOSENESS, closeness, placed_sentences, rare_words, word_weights
from personae.text.dic import read_dic
from personae.text.features import (
    distinct_n,
    flesch_kincaid_grade,
    flesch_reading_ease,
    long_word_share,
    mtld,
    type_token_ratio,
    words_per_sentence,
)
from personae.text.folding import folded_words, without_accents
from personae.text.lexicon import Category, CategoryCounts, Lexicon
from personae.text.mentions import TRAIT_WORDS, Mention, find_mentions
from personae.text.open_categories import open_lexicon
from personae.text.retrieval import WordIndex, cut_passages, search_words
from personae.text.syllables import syllables
from personae.text.tokens import PUNCTUATION_KINDS, count_punctuation, sentences, tokenize

__all__ = [
    "LEAST_CLOSENESS",
    "PUNCTUATION_KINDS",
    "TRAIT_WORDS",
    "Category",
    "CategoryCounts",
    "Lexicon",
    "Mention",
    "WordIndex",
    "closeness",
    "count_punctuation",
    "cut_passages",
    "distinct_n",
    "find_mentions",
    "flesch_kincaid_grade",
    "flesch_reading_ease",
    "folded_words",
    "long_word_share",
    "mtld",
    "open_lexicon",
    "placed_sentences",
    "rare_words",
    "read_dic",
    "search_words",
    "sentences",
    "syllables",
    "tokenize",
    "type_token_ratio",
    "without_accents",
    "word_weights",
    "words_per_sentence",
]
