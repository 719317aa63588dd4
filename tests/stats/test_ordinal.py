"""Proportional-odds regression: planted coefficients, honest errors, and the same numbers as an independent library."""

from __future__ import annotations

import numpy as np
import pytest

from personae.stats.ordinal import fit_ordinal


def draw(rng: np.random.Generator, n: int, slopes: list[float]) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(n, len(slopes)))
    latent = x @ np.array(slopes) + rng.logistic(size=n)
    return np.searchsorted([-1.5, 0.0, 1.0], latent), x


def test_planted_coefficients_are_recovered_with_honest_errors() -> None:
    rng = np.random.default_rng(0)
    z, robust = [], []
    for _ in range(200):
        answers, x = draw(rng, 400, [1.0, -0.5])
        fit = fit_ordinal(answers, x)
        assert fit.is_converged
        z.append((fit.coefficients - [1.0, -0.5]) / np.sqrt(np.diag(fit.covariance)))
        robust.append((fit.coefficients - [1.0, -0.5]) / np.sqrt(np.diag(fit.robust_covariance)))
    for values in (np.array(z), np.array(robust)):
        assert np.abs(values.mean()) < 0.15
        assert values.std() == pytest.approx(1.0, abs=0.12)


def test_a_separated_answer_has_no_estimate() -> None:
    x = np.linspace(-1, 1, 60)[:, None]
    assert not fit_ordinal((x[:, 0] > 0).astype(np.int64), x).is_converged


def test_repeated_rows_are_no_further_evidence() -> None:
    rng = np.random.default_rng(1)
    answers, x = draw(rng, 300, [0.5])
    once = fit_ordinal(answers, x, np.arange(300))
    thrice = fit_ordinal(np.repeat(answers, 3), np.repeat(x, 3, axis=0), np.repeat(np.arange(300), 3))
    assert thrice.robust_covariance[0, 0] == pytest.approx(once.robust_covariance[0, 0], rel=1e-3)
    assert thrice.covariance[0, 0] == pytest.approx(once.covariance[0, 0] / 3, rel=1e-3)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_the_same_numbers_as_statsmodels() -> None:
    ordinal_model = pytest.importorskip("statsmodels.miscmodels.ordinal_model")
    answers, x = draw(np.random.default_rng(2), 500, [0.8, -0.3])
    other = ordinal_model.OrderedModel(answers, x, distr="logit").fit(method="bfgs", disp=False, gtol=1e-8)
    fit = fit_ordinal(answers, x)
    assert fit.coefficients == pytest.approx(other.params[:2], abs=1e-4)
    assert fit.log_likelihood == pytest.approx(other.llf, abs=1e-5)
    assert fit.null_log_likelihood == pytest.approx(other.llnull, abs=1e-5)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(other.bse[:2], rel=1e-3)
