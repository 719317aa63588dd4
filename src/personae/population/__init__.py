"""Populations: people by design or drawn as a sample with a known error, as a table that streams."""

from personae.population.big_five_types import POLE_CODES, persona_types, type_code
from personae.population.conditions import Bounds, Condition, matches
from personae.population.copula import CopulaSource, Margin, fit_copula
from personae.population.covering import Axis, CoverSource, choose_apart
from personae.population.design import FactorialSource
from personae.population.dirichlet import PREFERENCE, DirichletSource, Taste
from personae.population.factorial import cross_traits
from personae.population.fields import check_column, frame_of, persona_of, personas_of, row_of
from personae.population.formula import Formula, read_formula
from personae.population.microdata import MicrodataSource, read_table
from personae.population.name_lists import read_name_lists, select_names
from personae.population.named import PersonaSet, describing_prompts, named, persona_sets
from personae.population.names import Culture, GivenName, NameTable, load_names
from personae.population.recipe import Recipe, RecipeSource, load_recipe, read_recipe
from personae.population.segments import SEGMENT, QuotaSource, Segment, SegmentSource, quotas
from personae.population.source import BLOCK, Block, Population, RowsSource, Source, table_hash
from personae.population.statements import read_statements, with_beliefs
from personae.population.tree import TreeSource, fit_tree
from personae.population.universal import (
    CuratedPersona,
    assistant_roles,
    first_of_each,
    universal_categories,
    universal_hash,
    universal_personas,
)
from personae.population.weighting import (
    MarginError,
    MarginReport,
    Weighted,
    margin_errors,
    post_stratify,
    rake,
    synthesise,
)

__all__ = [
    "BLOCK",
    "POLE_CODES",
    "PREFERENCE",
    "SEGMENT",
    "Axis",
    "Block",
    "Bounds",
    "Condition",
    "CopulaSource",
    "CoverSource",
    "Culture",
    "CuratedPersona",
    "DirichletSource",
    "FactorialSource",
    "Formula",
    "GivenName",
    "Margin",
    "MarginError",
    "MarginReport",
    "MicrodataSource",
    "NameTable",
    "PersonaSet",
    "Population",
    "QuotaSource",
    "Recipe",
    "RecipeSource",
    "RowsSource",
    "Segment",
    "SegmentSource",
    "Source",
    "Taste",
    "TreeSource",
    "Weighted",
    "assistant_roles",
    "check_column",
    "choose_apart",
    "cross_traits",
    "describing_prompts",
    "first_of_each",
    "fit_copula",
    "fit_tree",
    "frame_of",
    "load_names",
    "load_recipe",
    "margin_errors",
    "matches",
    "named",
    "persona_of",
    "persona_sets",
    "persona_types",
    "personas_of",
    "post_stratify",
    "quotas",
    "rake",
    "read_formula",
    "read_name_lists",
    "read_recipe",
    "read_statements",
    "read_table",
    "row_of",
    "select_names",
    "synthesise",
    "table_hash",
    "type_code",
    "universal_categories",
    "universal_hash",
    "universal_personas",
    "with_beliefs",
]
