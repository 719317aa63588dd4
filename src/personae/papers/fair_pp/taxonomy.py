"""What the questions are about: five topics with 98 problems, groups of six types, five dimensions with two poles."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands: the six columns of the published table before the question."""

    topic: str
    category: str
    problem: str
    group_type: str
    group: str
    perspective: str
    """``TOPIC.DIMENSION``, both counted from 1: 3.2 is the second dimension in the third topic."""

    @property
    def dimension(self) -> int:
        """1 to 5."""
        return int(self.perspective.rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Names of topics, categories, problems, groups and poles."""

    topics: Mapping[str, Mapping[str, tuple[str, ...]]]
    groups: Mapping[str, tuple[str, ...]]
    dimensions: tuple[tuple[str, str], ...]
    """Two poles each; the first is answer A of the published questions."""

    def places(self) -> Iterator[Place]:
        """Every problem with every group and dimension."""
        for number, (topic, categories) in enumerate(self.topics.items(), 1):
            for category, problems in categories.items():
                for problem in problems:
                    for group_type, groups in self.groups.items():
                        for group in groups:
                            for dimension in range(1, len(self.dimensions) + 1):
                                yield Place(topic, category, problem, group_type, group, f"{number}.{dimension}")


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """The taxonomy of the notebooks.

    Example:
        >>> names = taxonomy()
        >>> len(names.topics), sum(len(problems) for one in names.topics.values() for problems in one.values())
        (5, 98)
        >>> len(names.groups), sum(map(len, names.groups.values())), names.dimensions[4]
        (6, 29, ('moral', 'law'))
    """
    data = tomllib.loads((files("personae.papers.fair_pp") / "taxonomy.toml").read_text(encoding="utf-8"))
    topics = {
        topic: {category: tuple(problems) for category, problems in categories.items()}
        for topic, categories in data["topics"].items()
    }
    groups = {kind: tuple(names) for kind, names in data["groups"].items()}
    return Taxonomy(topics, groups, tuple((first, second) for first, second in data["dimensions"]))
