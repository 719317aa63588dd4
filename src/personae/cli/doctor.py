"""``personae doctor``: what this installation can do, and which providers answer."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from personae.cli.output import Grid, JsonFlag, Result, reporting

_PROBE_SECONDS = "3"


@reporting
def doctor(as_json: JsonFlag = False) -> Result:
    """Check versions, folders and settings, and ask every provider that has a key or runs on this machine."""
    checks = [*_installation(), *asyncio.run(_providers())]
    rows = [[one["what"], one["state"], one["detail"]] for one in checks]
    return Result({"checks": checks}, Grid("", ["what", "state", "detail"], rows).show)


def _installation() -> list[dict[str, str]]:
    from personae.settings import VARIABLES, cache_dir, read_setting, runs_dir
    from personae.study import versions

    checks = [_check(name, "ok" if version != "absent" else "absent", version) for name, version in versions().items()]
    for what, folder in (("response cache", cache_dir()), ("run folders", runs_dir())):
        nearest = next(parent for parent in (folder, *folder.resolve().parents) if parent.exists())
        state = "ok" if os.access(nearest, os.W_OK) else "not writable"
        checks.append(_check(what, state, str(folder)))
    checks += [_check(name, "set" if read_setting(name) else "not set", meaning) for name, meaning in VARIABLES.items()]
    return checks


async def _providers() -> list[dict[str, str]]:
    from personae.model import PROVIDERS

    asked = await asyncio.gather(*(_ask(name) for name in PROVIDERS))
    return [_check("sim", "answers", "simulated respondent, needs neither key nor network"), *asked]


async def _ask(name: str) -> dict[str, str]:
    from personae.errors import InputError
    from personae.model import PROVIDERS, ProviderError, open_client

    try:
        client = open_client(f"{name}/any", {"timeout": _PROBE_SECONDS})
    except InputError as error:  # its URL is nobody's but the user's, and not set or malformed
        return _check(name, "no URL", f"{error.what}; {error.remedy}")
    endpoint = client.endpoint
    if endpoint.key_variable and not endpoint.api_key:
        return _check(name, "no key", f"set {PROVIDERS[name].key_variable}")
    try:
        served = await client.list_models()
    except ProviderError as error:
        return _check(name, "does not answer", error.what)
    finally:
        await client.aclose()
    return _check(name, "answers", f"{len(served)} models at {endpoint.base_url}")


def _check(what: str, state: str, detail: str) -> dict[str, Any]:
    return {"what": what, "state": state, "detail": detail}
