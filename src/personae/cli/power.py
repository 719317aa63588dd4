"""``personae instrument plan``: how many people an effect takes, before anybody is asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting

if TYPE_CHECKING:
    from rich.console import Console

Key = Annotated[str, typer.Argument(metavar="INSTRUMENT", help="Key of the library, or a TOML file.")]


@reporting
def plan_instrument(
    key: Key,
    effect: Annotated[
        str, typer.Option("--effect", help="d=0.5 (two groups) or r=0.3 (with another measure).")
    ] = "d=0.5",
    trait: Annotated[str, typer.Option("--trait", help="Trait that is tested. [default: the first]")] = "",
    alpha: Annotated[float, typer.Option("--alpha", help="Level of all tests together.")] = 0.05,
    tests: Annotated[int, typer.Option("--tests", min=1, help="Tests of the family, which share the level.")] = 1,
    power: Annotated[float, typer.Option("--power", help="Power that is wanted.")] = 0.8,
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="Times each person is asked.")] = 1,
    pool: Annotated[int, typer.Option("--pool", min=50, max=2000, help="People who are simulated.")] = 400,
    simulations: Annotated[
        int, typer.Option("--simulations", min=100, help="Studies that are drawn for each n.")
    ] = 2000,
    model_option: options.ModelSettings = [],  # noqa: B006
    seed: options.Seed = 0,
    as_json: JsonFlag = False,
) -> Result:
    """Find the number of people that an effect takes, by asking simulated ones; -M sets their noise and biases."""
    import numpy as np

    from personae.canonical import derive_seed
    from personae.errors import InputError
    from personae.instrument import load_instrument
    from personae.instrument.power import Kind, ask_pool, plan_power
    from personae.model import open_model
    from personae.persona import trait_words

    name, sign, text = effect.partition("=")
    try:
        size = float(text)
    except ValueError:
        size = float("nan")
    if name not in ("d", "r") or not sign or size != size:
        raise InputError(f"{effect!r} is no effect", where="--effect", remedy="write d=0.5 or r=0.3")
    kind: Kind = "d" if name == "d" else "r"
    instrument = load_instrument(key)
    measured = [one.trait for one in instrument.broad_scales() if one.trait in trait_words()]
    by_word = {one.rpartition(".")[2]: one for one in measured}
    chosen = by_word.get(trait, trait) or (measured[0] if measured else "")
    if chosen not in measured:
        raise InputError(
            f"cannot be planned for {chosen or 'no trait'!r}",
            where=instrument.key,
            remedy=f"traits are {', '.join(by_word) or 'none: name the trait of its scales in its file'}",
        )
    rng = np.random.default_rng(derive_seed(seed, "power", instrument.hash, effect))
    sim = open_model("sim", options.read_pairs(model_option, "-M"))

    async def ask() -> Any:
        first = await ask_pool(sim, instrument, chosen, pool, rng=rng, repeats=repeats)
        shifted = (
            await ask_pool(sim, instrument, chosen, pool, rng=rng, repeats=repeats, shift=size) if kind == "d" else None
        )
        return first, shifted

    pools = asyncio.run(ask())
    found = plan_power(kind, size, *pools, rng=rng, alpha=alpha, tests=tests, wanted=power, simulations=simulations)
    data = {
        "is_simulated": True,
        "instrument": instrument.key,
        "trait": chosen,
        "effect": effect,
        "alpha_of_each_test": found.alpha,
        "wanted_power": power,
        "repeats": repeats,
        "needed": found.needed,
        "calls": None if found.needed is None else found.needed * repeats * (2 if kind == "d" else 1),
        "powers": [{"n": n, "power": one.estimate, "low": one.low, "high": one.high} for n, one in found.powers],
        "false_alarms": found.false_alarms.estimate,
        "reliability": found.reliability,
        "observed_effect": found.observed_effect,
    }

    def show(console: Console) -> None:
        console.print("SIMULATED: power as far as the simulated respondent answers like the real one.", style="bold")
        rows = [[str(n), f"{one.estimate:.2f}", f"{one.low:.2f} to {one.high:.2f}"] for n, one in found.powers]
        unit = "n of each group" if kind == "d" else "n"
        Grid(
            f"{instrument.key}, {chosen}, {effect}", [unit, "power", "Monte Carlo interval"], rows, frozenset((0, 1))
        ).show(console)
        needed = f"{found.needed} people{' in each group' if kind == 'd' else ''}, {data['calls']} administrations"
        console.print(f"needed: {needed if found.needed else 'more than were tried'}", markup=False)
        console.print(
            f"each test at {found.alpha:.4g}; false alarms {found.false_alarms.estimate:.3f}; in scores the effect is "
            f"{kind}={found.observed_effect:.2f}, as {found.reliability:.0%} of their variance is the trait",
            markup=False,
        )

    return Result(data, show)
