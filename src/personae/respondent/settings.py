"""What is planted in the simulated respondent: effect, biases and noise, each under a name and 0 by default."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personae.errors import InputError


@dataclass(frozen=True, slots=True)
class SimSettings:
    """The truth about a simulated respondent, as ``-M name=value`` sets it."""

    seed: int = 0
    """Draws of all answers; two respondents of different seeds are two samples."""
    persona_effect: float = 1.0
    """How much of the trait that the prompt asks for is shown; 0 switches the persona off."""
    acquiescence: float = 0.0
    """Shift of every answer towards agreement, whatever the item says, in SD of the trait."""
    desirability: float = 0.0
    """Shift of every trait towards its socially desirable pole, in SD."""
    order_bias: float = 0.0
    """Log-odds by which the first option listed is preferred to the last; negative prefers the last."""
    refusal_rate: float = 0.0
    """Share of replies that decline to answer."""
    noise: float = 0.0
    """Share of answers drawn evenly from all options instead of by the trait."""
    drift: float = 0.0
    """Share of the persona that is lost with every earlier turn of the conversation."""
    prose_rate: float = 0.0
    """Share of replies that wrap the answers in small talk, as chat models do."""
    behaviour_link: float = 1.0
    """How much behaviour in tasks and scenes follows the traits; 0 cuts it off from what questionnaires find."""
    grounding: float = 1.0
    """Share of sentences, and of abilities that are read out, that rest on the sources which a prompt shows."""
    name_presumption: float = 0.0
    """Share of suggestions that are cut to the culture which the asker's name is tied to."""
    unprompted_culture: float = 0.0
    """Share of the other suggestions that draw on some culture, whoever asks."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            if not math.isfinite(getattr(self, field.name)):
                raise InputError(
                    f"{field.name}={getattr(self, field.name)} is no number", where="sim", remedy="give a finite one"
                )
        for name in (
            "refusal_rate",
            "noise",
            "drift",
            "prose_rate",
            "grounding",
            "name_presumption",
            "unprompted_culture",
        ):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(
                    f"{name}={getattr(self, name)} is no share", where="sim", remedy="give a number from 0 to 1"
                )

    @staticmethod
    def read(options: Mapping[str, str]) -> SimSettings:
        """Read the settings from options of the command line.

        Raises:
            InputError: If an option is unknown or is not a number.

        Example:
            >>> SimSettings.read({"acquiescence": "0.5"}).acquiescence
            0.5
        """
        known = [field.name for field in dataclasses.fields(SimSettings)]
        values: dict[str, Any] = {}
        for name, text in options.items():
            if name not in known:
                raise InputError(
                    f"the option {name!r} is not known", where="sim", remedy=f"known are {', '.join(known)}"
                )
            try:
                values[name] = int(text) if name == "seed" else float(text)
            except ValueError as error:
                raise InputError(
                    f"{name}={text!r} is not a number", where="sim", remedy=f"write -M {name}=1"
                ) from error
        return dataclasses.replace(SimSettings(), **values)

    def spell(self) -> str:
        """What differs from the defaults, in one line: ``acquiescence=0.5,seed=3``."""
        default = SimSettings()
        changed = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != getattr(default, field.name)
        }
        return ",".join(f"{name}={_spelled(value)}" for name, value in sorted(changed.items()))


def _spelled(value: float) -> str:
    """A number in the shortest spelling that tells it apart from every other one."""
    short = str(value) if isinstance(value, int) else f"{value:g}"
    return short if float(short) == value else repr(value)
