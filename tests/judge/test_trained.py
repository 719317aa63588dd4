"""Training on labelled texts: what it learns, what it reports, how it is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.judge import (
    ClassifierScorer,
    LabelledTexts,
    calibration_report,
    domain_shift,
    read_labelled,
    train_scorer,
)
from personae.judge.trained import _vectorised, terms_of
from personae.respondent import simulated_texts

DATA = simulated_texts(120, words=200)
ONE = "big_five.extraversion"
FEW = replace(DATA, labels={ONE: DATA.labels[ONE]})


def test_scores_without_scikit_learn_are_those_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    scorer = train_scorer(FEW)
    vectoriser, matrix = _vectorised(FEW.texts, 2)
    fitted = LogisticRegression(C=10.0, max_iter=1000).fit(matrix, np.array(FEW.labels[ONE]).astype(int))
    fresh = simulated_texts(20, seed=8).texts
    expected = fitted.predict_proba(vectoriser.transform(fresh))[:, 1]
    assert [scorer.read(text).scores[ONE] for text in fresh] == pytest.approx(list(expected), abs=1e-6)


def test_a_trait_that_shows_is_learnt_and_a_label_without_meaning_is_not() -> None:
    rng = np.random.default_rng(0)
    nothing = tuple(float(one) for one in rng.integers(0, 2, len(DATA.texts)))
    report = calibration_report(replace(FEW, labels={**FEW.labels, "chance": nothing}), rng=rng)
    assert report[ONE]["auc"].low > 0.6
    assert report["chance"]["auc"].low < 0.5 + 0.05
    for estimates in report.values():
        assert set(estimates) == {"accuracy", "auc", "brier", "calibration_error"}
        assert all(0 <= one.low <= one.estimate <= one.high <= 1 for one in estimates.values() if one.n and one.n > 1)
        assert estimates["accuracy"].n == 120


def test_domains_that_differ_are_told_apart_and_one_domain_is_not() -> None:
    rng = np.random.default_rng(1)
    other = tuple(
        f"The quarterly audit of ledger {n} found that no invoice was booked twice this year." for n in range(60)
    )
    far = domain_shift(DATA.texts, other, rng=rng)
    near = domain_shift(DATA.texts[:60], DATA.texts[60:], rng=rng)
    assert far["separation"].estimate > 0.95
    assert far["unknown_words"].estimate > 0.3
    assert near["separation"].low < 0.65
    assert near["unknown_words"].estimate < 0.05


def test_a_classifier_survives_its_file(tmp_path: Path) -> None:
    scorer = train_scorer(FEW)
    scorer.save(tmp_path / "scorer.json")
    again = ClassifierScorer.load(tmp_path / "scorer.json")
    assert again == scorer
    assert again.hash == scorer.hash
    assert again.calibration.startswith("SIMULATED")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"models": 3}', b"\x00"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="holds no classifier"):
        ClassifierScorer.load(path)


@pytest.mark.parametrize("header", ["text,cEXT,cOPN", "text,extraversion,openness", "Text,big_five.extraversion,COPN"])
def test_labels_are_read_under_the_names_that_data_sets_use(tmp_path: Path, header: str) -> None:
    path = tmp_path / "essays.csv"
    path.write_text(f'{header}\n"Hello, there",y,0\nBye,n,\n', encoding="utf-8")
    found = read_labelled(path)
    assert found.texts == ("Hello, there", "Bye")
    assert found.labels[ONE] == (1.0, 0.0)
    assert np.isnan(found.labels["big_five.openness"][1])
    assert not found.is_simulated


def test_a_file_without_labels_and_a_strange_label_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text,other\na,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column text"):
        read_labelled(path)
    path.write_text("text,cEXT\na,maybe\n", encoding="utf-8")
    with pytest.raises(InputError, match="no label"):
        read_labelled(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_labelled(tmp_path / "absent.csv")


def test_too_few_texts_and_one_kind_of_label_train_nothing() -> None:
    with pytest.raises(InputError, match="train nothing"):
        train_scorer(LabelledTexts(("a", "b"), {"x": (0.0, 1.0)}, "two"))
    with pytest.raises(InputError, match="both kinds"):
        train_scorer(replace(DATA, labels={"x": (1.0,) * len(DATA.texts)}))


def test_pairs_of_words_are_terms() -> None:
    assert terms_of(["so", "it", "goes"]) == ["so", "it", "goes", "so it", "it goes"]


def test_sim_texts_are_drawn_by_seed() -> None:
    assert simulated_texts(5, seed=2) == simulated_texts(5, seed=2)
    assert simulated_texts(5, seed=2).texts != simulated_texts(5, seed=3).texts
