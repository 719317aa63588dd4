"""Make calls through one other library, in the environment that it is installed in; started by ``peers.py``.

    python peer_calls.py NAME URL CALLS IN_FLIGHT FOLDER

Prints, as JSON, the CPU time of the process a call, once live and, for a library that keeps replies, once answered from
what it kept. Start-up, imports and a first hundred calls are not counted. Uses nothing of personae, which is not there.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

PROMPT = "How likely are you to recommend this to a friend? Answer in one sentence and give a number from 1 to 5. " * 4
WARM = 100


def cpu() -> float:
    spent = os.times()
    return spent.user + spent.system


def messages(person: int) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": f"You are person {person}."},
        {"role": "user", "content": PROMPT},
    ]


async def in_flight(ask: Callable[[int], Awaitable[Any]], first: int, calls: int, workers: int) -> None:
    numbers = iter(range(first, first + calls))

    async def worker() -> None:
        for number in numbers:
            await ask(number)

    await asyncio.gather(*(worker() for _ in range(workers)))


async def timed(ask: Callable[[int], Awaitable[Any]], calls: int, workers: int) -> float:
    await in_flight(ask, 10**6, WARM, workers)
    before = cpu()
    await in_flight(ask, 0, calls, workers)
    return (cpu() - before) / calls


def raw(url: str, calls: int, workers: int, folder: Path) -> dict[str, float]:
    import aiohttp

    async def run() -> float:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def ask(person: int) -> None:
                body = json.dumps({"model": "mock", "messages": messages(person), "temperature": 1.0})
                async with session.post(url + "/chat/completions", data=body) as response:
                    json.loads(await response.read())

            return await timed(ask, calls, workers)

    return {"live": asyncio.run(run())}


def openai(url: str, calls: int, workers: int, folder: Path) -> dict[str, float]:
    from openai import AsyncOpenAI

    async def run() -> float:
        async with AsyncOpenAI(base_url=url, api_key="none", max_retries=2) as client:

            async def ask(person: int) -> None:
                await client.chat.completions.create(model="mock", messages=messages(person), temperature=1.0)

            return await timed(ask, calls, workers)

    return {"live": asyncio.run(run())}


def litellm(url: str, calls: int, workers: int, folder: Path) -> dict[str, float]:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it asks the network for prices when it is imported
    import litellm as library

    library.telemetry = False
    library.suppress_debug_info = True

    async def run(kept: bool) -> float:
        async def ask(person: int) -> None:
            await library.acompletion(
                model="openai/mock",
                api_base=url,
                api_key="none",
                messages=messages(person),
                temperature=1.0,
                caching=kept,
            )

        return await timed(ask, calls, workers)

    live = asyncio.run(run(False))
    library.cache = library.Cache(type="disk", disk_cache_dir=str(folder))
    asyncio.run(run(True))
    return {"live": live, "cached": asyncio.run(run(True))}


def inspect_ai(url: str, calls: int, workers: int, folder: Path) -> dict[str, float]:
    os.environ.update({"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": url, "INSPECT_CACHE_DIR": str(folder)})
    from inspect_ai import Task
    from inspect_ai import eval as evaluate
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser
    from inspect_ai.solver import generate

    def run(first: int, count: int, kept: bool) -> float:
        samples = [
            Sample(
                input=[ChatMessageSystem(content=f"You are person {number}."), ChatMessageUser(content=PROMPT)],
                target="4",
            )
            for number in range(first, first + count)
        ]
        task = Task(dataset=samples, solver=generate(cache=kept))
        before = cpu()
        (log,) = evaluate(
            task,
            model="openai/mock",
            model_args={"responses_api": False},
            max_connections=workers,
            max_samples=workers,
            display="none",
            log_dir=str(folder / "logs"),
            temperature=1.0,
        )
        assert log.status == "success", log.error
        return (cpu() - before) / count

    run(10**6, WARM, kept=False)
    live = run(0, calls, kept=False)
    run(0, calls, kept=True)
    return {"live": live, "cached": run(0, calls, kept=True)}


def edsl(url: str, calls: int, workers: int, folder: Path) -> dict[str, float]:
    os.environ.update({"OPENAI_COMPATIBLE_API_KEY": "none", "OPENAI_COMPATIBLE_BASE_URL": url})
    from edsl import Agent, AgentList, Cache, Model, QuestionFreeText

    question = QuestionFreeText(question_name="likely", question_text=PROMPT)
    model = Model("mock", service_name="openai_compatible", temperature=1.0, rpm=10**9, tpm=10**12)

    def run(first: int, count: int, kept: Cache) -> float:
        agents = AgentList([Agent(traits={"person": number}) for number in range(first, first + count)])
        before = cpu()
        results = (
            question.by(agents)
            .by(model)
            .run(
                cache=kept,
                disable_remote_inference=True,
                disable_remote_cache=True,
                progress_bar=False,
                print_exceptions=False,
                n=1,
            )
        )
        answers = results.select("answer.likely").to_list()
        assert len(answers) == count
        assert all(answers), "some calls failed"
        return (cpu() - before) / count

    run(10**6, WARM, Cache())
    kept = Cache()
    live = run(0, calls, kept)
    return {"live": live, "cached": run(0, calls, kept)}


PEERS = {"raw": raw, "openai": openai, "litellm": litellm, "inspect_ai": inspect_ai, "edsl": edsl}

if __name__ == "__main__":
    name, url, calls, workers, folder = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    seconds = PEERS[name](url, int(calls), int(workers), Path(folder))
    print(json.dumps({"version": version("aiohttp" if name == "raw" else name), **seconds}))
