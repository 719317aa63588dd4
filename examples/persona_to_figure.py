"""From two personas to a figure with an interval, offline: does the more extraverted one score higher?

Run it with ``python examples/persona_to_figure.py``. ``sim`` answers, so that the truth is known; put the name of any
other model in its place.
"""

import asyncio

import numpy as np

from personae.instrument import administer, load_instrument, score_traits
from personae.model import Sampling, open_model
from personae.persona import Persona, render
from personae.stats import cohens_d

TRAIT = "big_five.extraversion"
DRAWS = 20


async def measure(persona: Persona) -> list[float]:
    """Put the TIPI to one persona a number of times."""
    model, tipi = open_model("sim"), load_instrument("tipi")
    prompt = render(persona, "nine-level").text
    answers = [await administer(tipi, model, system=prompt, sampling=Sampling(seed=draw)) for draw in range(DRAWS)]
    matrix = np.array([given.values for given in answers], dtype=float)
    return list(score_traits(matrix, tipi, [TRAIT])[TRAIT])


async def main() -> None:
    """Compare the two."""
    outgoing = await measure(Persona(name="Bo", traits={TRAIT: 1.0}))
    reserved = await measure(Persona(name="Ada", traits={TRAIT: -1.0}))
    d = cohens_d(outgoing, reserved)
    print(f"SIMULATED d = {d.estimate:.2f} [{d.low:.2f}, {d.high:.2f}], n = {d.n}, missing = {d.missing}")


if __name__ == "__main__":
    asyncio.run(main())
