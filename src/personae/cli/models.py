"""``personae models``: the names a model can have, and what an endpoint serves."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting


@reporting
def models(
    probe: Annotated[str, typer.Option("--probe", help="Ask this provider or URL which models it serves.")] = "",
    model_base_url: options.BaseUrl = "",
    as_json: JsonFlag = False,
) -> Result:
    """List the providers that a model name can begin with, or the models that one of them serves."""
    if probe:
        return _served(probe, model_base_url)
    from personae.model import PROVIDERS, provider_names
    from personae.settings import read_setting

    rows: list[dict[str, Any]] = []
    for name in provider_names():
        known = PROVIDERS.get(name)
        key = known.key_variable if known else ""
        rows.append(
            {
                "provider": name,
                "example": _EXAMPLES.get(name, f"{name}/MODEL"),
                "base_url": known.base_url if known else "",
                "url_variable": known.url_variable if known else "",
                "key_variable": key,
                "has_key": bool(key and read_setting(key)),
            }
        )
    rows.append(
        {
            "provider": "any endpoint",
            "example": "http://HOST:8000/v1#MODEL",
            "base_url": "",
            "url_variable": "",
            "key_variable": "OPENAI_API_KEY",
            "has_key": bool(read_setting("OPENAI_API_KEY")),
        }
    )
    grid = Grid(
        "",
        ["provider", "model name", "base URL", "key from"],
        [[row["provider"], row["example"], _url_text(row), _key_text(row)] for row in rows],
    )
    return Result({"providers": rows}, grid.show)


_EXAMPLES = {
    "sim": "sim",
    "replay": "replay/FOLDER",
    "openai-api": "openai-api/NAME/MODEL",
    "azure": "azure/DEPLOYMENT",
}


def _url_text(row: dict[str, Any]) -> str:
    return row["base_url"] or (f"from {row['url_variable']}" if row["url_variable"] else "")


def _key_text(row: dict[str, Any]) -> str:
    if not row["key_variable"]:
        return ""
    return f"{row['key_variable']} ({'set' if row['has_key'] else 'not set'})"


def _served(probe: str, base_url: str) -> Result:
    import asyncio

    from personae.model import open_client

    name = probe if "#" in probe or "/" in probe.removeprefix("https://").removeprefix("http://") else f"{probe}/any"
    if probe.startswith(("http://", "https://")) and "#" not in probe:
        name = f"{probe}#any"
    client = open_client(name, {"timeout": "20"}, base_url=base_url)

    async def ask() -> list[str]:
        try:
            return await client.list_models()
        finally:
            await client.aclose()

    found = asyncio.run(ask())
    return Result({"models": found}, Grid("", ["model"], [[one] for one in found]).show)
