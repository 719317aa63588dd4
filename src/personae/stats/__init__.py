"""Statistics that return estimate, interval, n and missing, with every convention that papers differ in as a name."""

from personae.stats.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, majority_vote
from personae.stats.bootstrap import bootstrap
from personae.stats.calibration import brier_score, calibration_error, discrimination
from personae.stats.correlation import pearson, point_biserial, spearman
from personae.stats.crossed_mean import crossed_mean
from personae.stats.crossed_spread import CrossedSpread, balanced_matrix, crossed_spread
from personae.stats.dose_response import dose_slope, monotone_fit
from personae.stats.effects import cluster_cohens_d, cohens_d, eta_squared, hedges_g
from personae.stats.equivalence import equivalent_correlation, equivalent_means
from personae.stats.estimate import Estimate
from personae.stats.graded_response import GradedFit, GradedItem, fit_graded
from personae.stats.group_tests import (
    anova,
    cluster_difference,
    cluster_mean,
    one_sample_t,
    paired_t,
    student_t,
    welch_t,
)
from personae.stats.gwet import gwet_ac
from personae.stats.hierarchical import omega_hierarchical
from personae.stats.independence import INDEPENDENCE_TESTS, chi_square, g_square, hsic, kci, rcit
from personae.stats.intraclass import icc
from personae.stats.invariance import Invariance, InvarianceStep, measurement_invariance
from personae.stats.item_bias import ItemBias, item_bias
from personae.stats.multiplicity import adjust_families, benjamini_hochberg, holm
from personae.stats.multitrait import Measure, Multitrait, multitrait
from personae.stats.nested import NestedShares, nested_shares
from personae.stats.person_fit import PersonFit, person_fit
from personae.stats.proportion import difference_of_proportions, mcnemar, proportion, weighted_proportion
from personae.stats.rank_tests import (
    gated_test,
    mann_whitney,
    normality_gate,
)
from personae.stats.reliability import (
    cronbach_alpha,
    guttman_lambda6,
    item_total,
    mcdonald_omega,
    pooled_within_sd,
    split_half,
)
from personae.stats.repeats import Retest, retest
from personae.stats.signed_rank import signed_rank
from personae.stats.spread import levene, variance_change

__all__ = [
    "INDEPENDENCE_TESTS",
    "CrossedSpread",
    "Estimate",
    "GradedFit",
    "GradedItem",
    "Invariance",
    "InvarianceStep",
    "ItemBias",
    "Measure",
    "Multitrait",
    "NestedShares",
    "PersonFit",
    "Retest",
    "adjust_families",
    "anova",
    "balanced_matrix",
    "benjamini_hochberg",
    "bootstrap",
    "brier_score",
    "calibration_error",
    "chi_square",
    "cluster_cohens_d",
    "cluster_difference",
    "cluster_mean",
    "cohen_kappa",
    "cohens_d",
    "cronbach_alpha",
    "crossed_mean",
    "crossed_spread",
    "difference_of_proportions",
    "discrimination",
    "dose_slope",
    "equivalent_correlation",
    "equivalent_means",
    "eta_squared",
    "fit_graded",
    "fleiss_kappa",
    "g_square",
    "gated_test",
    "guttman_lambda6",
    "gwet_ac",
    "hedges_g",
    "holm",
    "hsic",
    "icc",
    "item_bias",
    "item_total",
    "kci",
    "krippendorff_alpha",
    "levene",
    "majority_vote",
    "mann_whitney",
    "mcdonald_omega",
    "mcnemar",
    "measurement_invariance",
    "monotone_fit",
    "multitrait",
    "nested_shares",
    "normality_gate",
    "omega_hierarchical",
    "one_sample_t",
    "paired_t",
    "pearson",
    "person_fit",
    "point_biserial",
    "pooled_within_sd",
    "proportion",
    "rcit",
    "retest",
    "signed_rank",
    "spearman",
    "split_half",
    "student_t",
    "variance_change",
    "weighted_proportion",
    "welch_t",
]
