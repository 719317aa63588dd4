"""Statistics that return estimate, interval, n and missing, with every convention that papers differ in as a name."""

from personae.stats.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, majority_vote
from personae.stats.bootstrap import bootstrap
from personae.stats.correlation import pearson, point_biserial, spearman
from personae.stats.dose_response import dose_slope, monotone_fit
from personae.stats.effects import cluster_cohens_d, cohens_d, eta_squared, hedges_g
from personae.stats.estimate import Estimate
from personae.stats.group_tests import (
    anova,
    cluster_difference,
    cluster_mean,
    gated_test,
    mann_whitney,
    normality_gate,
    one_sample_t,
    paired_t,
    student_t,
    welch_t,
)
from personae.stats.intraclass import icc
from personae.stats.multiplicity import adjust_families, benjamini_hochberg, holm
from personae.stats.proportion import difference_of_proportions, mcnemar, proportion
from personae.stats.reliability import (
    cronbach_alpha,
    guttman_lambda6,
    item_total,
    mcdonald_omega,
    pooled_within_sd,
    split_half,
)

__all__ = [
    "Estimate",
    "adjust_families",
    "anova",
    "benjamini_hochberg",
    "bootstrap",
    "cluster_cohens_d",
    "cluster_difference",
    "cluster_mean",
    "cohen_kappa",
    "cohens_d",
    "cronbach_alpha",
    "difference_of_proportions",
    "dose_slope",
    "eta_squared",
    "fleiss_kappa",
    "gated_test",
    "guttman_lambda6",
    "hedges_g",
    "holm",
    "icc",
    "item_total",
    "krippendorff_alpha",
    "majority_vote",
    "mann_whitney",
    "mcdonald_omega",
    "mcnemar",
    "monotone_fit",
    "normality_gate",
    "one_sample_t",
    "paired_t",
    "pearson",
    "point_biserial",
    "pooled_within_sd",
    "proportion",
    "spearman",
    "split_half",
    "student_t",
    "welch_t",
]
