"""The compass: an instrument with an economic and a social axis, each scored by weights.

The published compass is proprietary and so are its weights; the user brings them as a TOML file with the scales
``economic`` (right is positive) and ``social`` (authoritarian is positive). The default is made of the open 8values.
"""

from __future__ import annotations

from functools import lru_cache

from personae.errors import InputError
from personae.instrument import Instrument, load_instrument
from personae.instrument.shelf import make_instrument

AXES = ("economic", "social")
OPEN = "8values"
_FROM = {"economic": "econ", "social": "govt"}
"""Axes of 8values: equality against markets, liberty against authority; both have left and liberty at the high end."""
_TITLES = {"economic": "Left (-10) to right (10)", "social": "Libertarian (-10) to authoritarian (10)"}
_EDGE = 10.0


@lru_cache(maxsize=1)
def open_compass() -> Instrument:
    """The statements of 8values that weigh on two axes, with four options and no middle, from -10 to 10 an axis.

    Example:
        >>> one = open_compass()
        >>> [scale.key for scale in one.scales], len(one.options)
        (['economic', 'social'], 4)
    """
    values = load_instrument(OPEN)
    chosen = {key: values.scale(name) for key, name in _FROM.items()}
    items = [item for item in values.item_ids if any(item in scale.weights for scale in chosen.values())]
    scales = []
    for key, scale in chosen.items():
        weights = {item: float(weight) for item, weight in scale.weights.items() if not isinstance(weight, tuple)}
        most = sum(map(abs, weights.values())) * values.highest
        scales.append(
            {
                "key": key,
                "title": _TITLES[key],
                "items": list(weights),
                "score": "weights",
                "weights": {item: -weight for item, weight in weights.items()},
                "divisor": most / _EDGE,
            }
        )
    data = {
        **values.model_dump(include={"version", "citation", "source", "licence", "language"}),
        "key": "compass-8values",
        "title": "Two axes of 8values",
        "options": [one.model_dump() for one in values.options if one.value != 0],
        "items": {item: values.items[item] for item in items},
        "scales": scales,
        "notes": "The published compass has other statements and weights: positions of one are not those of the other.",
    }
    return make_instrument(data, OPEN)


@lru_cache(maxsize=8)
def read_compass(name: str) -> Instrument:
    """Read the compass of a setting.

    Raises:
        InputError: If it cannot be read or lacks an axis.
    """
    if name == OPEN:
        return open_compass()
    one = load_instrument(name)
    keys = [scale.key for scale in one.scales]
    if lacking := [axis for axis in AXES if axis not in keys]:
        raise InputError(
            f"has no scale {lacking[0]!r}",
            where=name,
            remedy='give it the scales economic and social, with score = "weights"',
        )
    one.require_texts()
    return one
