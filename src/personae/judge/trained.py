"""A small classifier for each trait, trained on texts of known authors, with a report of its calibration.

Words and pairs of words, weighted by tf-idf, into a logistic regression: what can be trained on a few hundred texts and
read afterwards. It is kept as JSON and scores without scikit-learn, which only training needs.
"""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from personae.canonical import content_hash
from personae.errors import InputError, MissingExtraError
from personae.judge.text_traits import LEAST_WORDS, TextScore
from personae.stats import Estimate, bootstrap, brier_score, calibration_error, discrimination, proportion

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]

_TOKEN = re.compile(r"\b\w\w+\b")
_LEAST_TEXTS = 20
_LABEL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "big_five.extraversion": ("big_five.extraversion", "cEXT", "extraversion"),
    "big_five.agreeableness": ("big_five.agreeableness", "cAGR", "agreeableness"),
    "big_five.conscientiousness": ("big_five.conscientiousness", "cCON", "conscientiousness"),
    "big_five.neuroticism": ("big_five.neuroticism", "cNEU", "neuroticism"),
    "big_five.openness": ("big_five.openness", "cOPN", "openness"),
}
"""Names that a column of labels may have; those of the Essays data are among them."""
_YES = frozenset({"1", "y", "yes", "high", "true", "1.0"})
_NO = frozenset({"0", "n", "no", "low", "false", "0.0"})


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """Texts with a label for each trait: 1 high, 0 low, NaN unknown."""

    texts: tuple[str, ...]
    labels: Mapping[str, tuple[float, ...]]
    source: str
    """Where they come from; reports repeat it."""
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class TraitModel:
    """One logistic regression: bias and weights by word or pair of words."""

    bias: float
    weights: Mapping[str, float]


@dataclass(frozen=True)
class ClassifierScorer:
    """Gives each text the probability that its author is high in a trait."""

    idf: Mapping[str, float]
    """Inverse document frequency of each word or pair in the training texts."""
    models: Mapping[str, TraitModel]
    source: str
    texts: int
    """How many texts it was trained on."""
    is_simulated: bool = False
    key: str = "classifier"
    unit: str = "probability of the high pole"

    @property
    def calibration(self) -> str:
        """On what it was trained; how well it does there is in its calibration report."""
        return f"{'SIMULATED, ' if self.is_simulated else ''}trained on {self.texts} texts of {self.source}"

    @cached_property
    def hash(self) -> str:
        """Hash of the parameters."""
        return content_hash(self.to_json())

    def read(self, text: str) -> TextScore:
        """Score one text, without an event loop."""
        words = _TOKEN.findall(text.lower())
        if len(words) < LEAST_WORDS:
            return TextScore("unparsed" if text.strip() else "empty", {})
        vector = self._vector(words)
        return TextScore(
            "ok",
            {
                trait: _logistic(one.bias + sum(one.weights.get(term, 0.0) * x for term, x in vector.items()))
                for trait, one in self.models.items()
            },
        )

    async def score(self, text: str) -> TextScore:
        """Score one text."""
        return self.read(text)

    def _vector(self, words: Sequence[str]) -> dict[str, float]:
        """tf-idf as scikit-learn has it: logarithmic counts, smooth idf, unit length."""
        counts = Counter(term for term in terms_of(words) if term in self.idf)
        vector = {term: (1.0 + math.log(count)) * self.idf[term] for term, count in counts.items()}
        length = math.sqrt(math.fsum(value**2 for value in vector.values()))
        return {term: value / length for term, value in vector.items()} if length else {}

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "schema_version": 1,
            "source": self.source,
            "texts": self.texts,
            "is_simulated": self.is_simulated,
            "idf": dict(self.idf),
            "models": {trait: {"bias": one.bias, "weights": dict(one.weights)} for trait, one in self.models.items()},
        }

    def save(self, path: Path) -> None:
        """Write the classifier as JSON."""
        path.write_bytes(orjson.dumps(self.to_json(), option=orjson.OPT_SORT_KEYS))

    @staticmethod
    def load(path: Path) -> ClassifierScorer:
        """Read a classifier back.

        Raises:
            InputError: If the file cannot be read or is something else.
        """
        try:
            data = orjson.loads(path.read_bytes())
            models = {
                trait: TraitModel(float(one["bias"]), {term: float(w) for term, w in one["weights"].items()})
                for trait, one in data["models"].items()
            }
            idf = {term: float(value) for term, value in data["idf"].items()}
            return ClassifierScorer(idf, models, str(data["source"]), int(data["texts"]), bool(data["is_simulated"]))
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"holds no classifier ({type(error).__name__})",
                where=str(path),
                remedy="give a file that ClassifierScorer.save wrote",
            ) from error


def terms_of(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours, which are what a classifier sees."""
    return [*words, *(f"{a} {b}" for a, b in itertools.pairwise(words))]


def train_scorer(data: LabelledTexts, *, least: int = 2, strength: float = 10.0) -> ClassifierScorer:
    """Train a logistic regression for each trait that has labels of both kinds.

    Args:
        data: The texts.
        least: In how many texts a word or pair has to occur.
        strength: Inverse of the ridge penalty (``C``).

    Raises:
        InputError: If there are too few texts, or no trait has both kinds of labels.
        MissingExtraError: If scikit-learn is not installed.
    """
    vectoriser, matrix = _vectorised(data.texts, least)
    models: dict[str, TraitModel] = {}
    names = vectoriser.get_feature_names_out()
    for trait, labels in data.labels.items():
        known = np.isfinite(np.array(labels, dtype=float))
        wanted = np.array(labels, dtype=float)[known].astype(int)
        if len(set(wanted.tolist())) < 2:
            continue
        fitted = _regression(strength).fit(matrix[known], wanted)
        weights = {str(name): float(w) for name, w in zip(names, fitted.coef_[0], strict=True) if w}
        models[trait] = TraitModel(float(fitted.intercept_[0]), weights)
    if not models:
        raise InputError(
            "no trait has labels of both kinds", where=data.source, remedy="label texts of both poles, 1 and 0"
        )
    idf = {str(name): float(value) for name, value in zip(names, vectoriser.idf_, strict=True)}
    return ClassifierScorer(idf, models, data.source, len(data.texts), data.is_simulated)


def calibration_report(
    data: LabelledTexts, *, rng: np.random.Generator, folds: int = 5, least: int = 2, strength: float = 10.0
) -> dict[str, dict[str, Estimate]]:
    """How well classifiers trained on the other folds do on each fold: accuracy, AUC, Brier score, calibration error.

    What is reported is never measured on texts that were trained on. How it does elsewhere, see :func:`domain_shift`.

    Args:
        data: The texts.
        rng: Draws folds and resamples.
        folds: How many parts.
        least: As for training.
        strength: As for training.

    Returns:
        Estimates by trait and name.

    Raises:
        InputError: If there are too few texts.
        MissingExtraError: If scikit-learn is not installed.
    """
    report: dict[str, dict[str, Estimate]] = {}
    part = rng.permutation(len(data.texts)) % folds
    held: dict[str, Floats] = {trait: np.full(len(data.texts), np.nan) for trait in data.labels}
    for fold in range(folds):
        kept = np.flatnonzero(part != fold)
        rest = np.flatnonzero(part == fold)
        few = LabelledTexts(
            tuple(data.texts[i] for i in kept),
            {trait: tuple(labels[i] for i in kept) for trait, labels in data.labels.items()},
            data.source,
        )
        scorer = train_scorer(few, least=least, strength=strength)
        for index in rest:
            found = scorer.read(data.texts[index])
            for trait, p in found.scores.items():
                held[trait][index] = p
    for trait, labels in data.labels.items():
        pairs = np.column_stack([held[trait], np.array(labels, dtype=float)])
        known = pairs[np.isfinite(pairs).all(axis=1)]
        if len(known) < 2 or len(set(known[:, 1].tolist())) < 2:
            continue
        missing = len(pairs) - len(known)
        hits = int(((known[:, 0] > 0.5) == (known[:, 1] > 0.5)).sum())
        report[trait] = {
            "accuracy": proportion(hits, len(known), missing=missing),
            "auc": bootstrap(
                lambda x: discrimination(x[:, 0], x[:, 1]), known, rng=rng, resamples=200, method="percentile"
            ),
            "brier": bootstrap(
                lambda x: brier_score(x[:, 0], x[:, 1]), known, rng=rng, resamples=200, method="percentile"
            ),
            "calibration_error": bootstrap(
                lambda x: calibration_error(x[:, 0], x[:, 1]), known, rng=rng, resamples=200, method="percentile"
            ),
        }
    return report


def domain_shift(
    trained_on: Sequence[str], scored: Sequence[str], *, rng: np.random.Generator, most: int = 400
) -> dict[str, Estimate]:
    """How different the texts that are scored are from those that a classifier was trained on.

    ``separation`` is the AUC, on held-out texts, of a classifier that tells the two sets apart (Ben-David et al., 2007,
    use its error): .5 if they cannot be told apart, 1 if always. ``unknown_words`` is the share of words in the scored
    texts that no training text has. Where separation is near 1, a report of calibration on the training texts says
    little about the scores.

    Args:
        trained_on: Training texts.
        scored: Texts that are scored.
        rng: Draws folds, and texts if there are more than ``most`` of a kind.
        most: Texts of each kind that are compared.

    Raises:
        InputError: If there are too few texts.
        MissingExtraError: If scikit-learn is not installed.
    """
    first, second = ([texts[i] for i in sorted(rng.permutation(len(texts))[:most])] for texts in (trained_on, scored))
    labels = (*[0.0] * len(first), *[1.0] * len(second))
    report = calibration_report(LabelledTexts((*first, *second), {"domain": labels}, "two domains"), rng=rng)
    vocabulary = {word for text in trained_on for word in _TOKEN.findall(text.lower())}
    words = [word for text in scored for word in _TOKEN.findall(text.lower())]
    unknown = sum(word not in vocabulary for word in words)
    found = {"unknown_words": proportion(unknown, len(words))}
    if "domain" in report:
        found["separation"] = report["domain"]["auc"]
    return found


def read_labelled(path: Path) -> LabelledTexts:
    """Read labelled texts from a CSV: a column ``text`` and, for each trait, a column of labels.

    Labels are 1 or 0, y or n, high or low; columns are called as a persona names the trait, or as the Essays data do
    (cEXT, cNEU, cAGR, cCON, cOPN).

    Raises:
        InputError: If the file cannot be read, or lacks texts or labels; the message names the row.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="check the path"
        ) from error
    columns = {name.strip().casefold(): name for name in (rows[0] if rows else {}) if name}
    text = columns.get("text")
    named = {
        trait: column
        for trait, names in _LABEL_COLUMNS.items()
        if (column := next((columns[name.casefold()] for name in names if name.casefold() in columns), None))
    }
    if text is None or not named:
        raise InputError(
            "has no column text, or none of labels",
            where=str(path),
            remedy="give a column text and columns such as cEXT or big_five.extraversion with 1 or 0",
        )
    labels: dict[str, list[float]] = {trait: [] for trait in named}
    for number, row in enumerate(rows, start=2):
        for trait, column in named.items():
            labels[trait].append(_label(str(row.get(column) or ""), f"{path}: line {number}, {column}"))
    texts = tuple(str(row.get(text) or "") for row in rows)
    return LabelledTexts(texts, {trait: tuple(values) for trait, values in labels.items()}, path.name)


def _label(word: str, where: str) -> float:
    plain = word.strip().casefold()
    if plain in _YES:
        return 1.0
    if plain in _NO:
        return 0.0
    if plain in ("", "nan", "na"):
        return math.nan
    raise InputError(f"{word!r} is no label", where=where, remedy="write 1 or 0, or leave it empty")


def _vectorised(texts: Sequence[str], least: int) -> tuple[Any, Any]:
    if len(texts) < _LEAST_TEXTS:
        raise InputError(f"{len(texts)} texts train nothing", remedy=f"give at least {_LEAST_TEXTS}")
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as error:
        raise MissingExtraError("training a classifier", "text") from error
    vectoriser = TfidfVectorizer(
        lowercase=True, token_pattern=_TOKEN.pattern, ngram_range=(1, 2), min_df=least, sublinear_tf=True
    )
    return vectoriser, vectoriser.fit_transform(texts)


def _regression(strength: float) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=1000)


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, logit))))
