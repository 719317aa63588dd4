"""Putting instruments to personas, and judging whether a persona took and holds: runs like all others, waited for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from personae.errors import PersonaeError
from personae.instrument.assessment.persona_audit import PersonaAudit, TraitVerdict, audit_persona
from personae.model import Usage
from personae.persona import Persona, trait_words
from personae.serve.faults import Refusal, status_of
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.target import Target, renderer_of
from personae.serve.mcp.calling import Call
from personae.serve.mcp.interview import find_target
from personae.serve.mcp.shapes import (
    AdministerArguments,
    Administered,
    AuditArguments,
    Audited,
    Figure,
    Finding,
    Told,
    Verdict,
)
from personae.serve.running import PaidRuns, Plan, Runs, make_plan, refuse_unconfirmed
from personae.serve.running.catalogue import find_instrument
from personae.serve.services import Services

_TRUST = (
    "alpha", "omega", "noise", "retest", "read", "refusals", "contradictions", "acquiescence", "desirability",
    "extreme",
)  # fmt: skip
"""Findings that say how far scores may be believed."""


class Assessor:
    """Runs assessments and waits for them.

    Args:
        services: Models, personas, keys.
        runs: Where runs are.
        paid: Who starts them on somebody's account.
        reports_at: Address of reports, with ``{run}`` for the id; a path on this machine where nothing is served.
    """

    def __init__(self, services: Services, runs: Runs, paid: PaidRuns, reports_at: str) -> None:
        self._services = services
        self._runs = runs
        self._paid = paid
        self._reports_at = reports_at

    async def administer(self, wanted: AdministerArguments, call: Call) -> Administered:
        """Put an instrument.

        Raises:
            Refusal: If there is no such instrument, persona or model, the key may not ask, or it has to be confirmed.
            InputError: If the instrument's texts are not here.
        """
        targets = [find_target(self._services, name, wanted.model) for name in dict.fromkeys(wanted.personas)]
        target = targets[0] if targets else find_target(self._services, "", wanted.model)
        if any(one.upstream is not target.upstream for one in targets):
            raise Refusal(
                400, "invalid_value", "the personas name models of their own", where="model", remedy="name one for all"
            )
        values = {"repeats": wanted.repeats, "controls": False, "checked": 0}
        people = [one.shelved.persona for one in targets if one.shelved is not None]
        plan = self._plan(wanted.instrument, values, target, people, wanted.seed)
        id = await self._run(plan, target, call, "mcp.administer", is_confirmed=wanted.confirm)
        found = self._found(id)
        rows = [(row["name"].partition(".")[0], Finding.read(row)) for row in found["findings"]]
        return Administered(
            **self._told(id, target, wanted.instrument, found),
            personas=[one.shelved.model_id for one in targets if one.shelved is not None],
            scores=[row for kind, row in rows if kind == "score"],
            by_persona=[row for kind, row in rows if kind == "person"],
            norms=[row for kind, row in rows if kind == "norm"],
            trust=[row for kind, row in rows if kind in _TRUST],
        )

    async def audit(self, wanted: AuditArguments, call: Call) -> Audited:
        """Judge a persona.

        Raises:
            Refusal: As for :meth:`administer`, and if the instrument measures no trait that personas have words for.
        """
        target = find_target(self._services, wanted.persona, wanted.model)
        if target.shelved is None:
            raise Refusal(400, "invalid_value", "nobody is audited", where="persona", remedy="name a persona")
        instrument = find_instrument(wanted.instrument)
        measured = dict.fromkeys(scale.trait for scale in instrument.broad_scales() if scale.trait in trait_words())
        if not measured:
            raise Refusal(
                400,
                "invalid_value",
                "measures no trait of personas",
                where="instrument",
                remedy="take ipip-bffm-50 or another that measures the traits of this persona",
            )
        persona = target.shelved.persona
        values = {"repeats": wanted.repeats, "controls": True, "checked": 1}
        plan = self._plan(wanted.instrument, values, target, [persona], wanted.seed)
        id = await self._run(plan, target, call, "mcp.audit", is_confirmed=wanted.confirm)
        table = await asyncio.to_thread(self._table, id)
        (found,) = await asyncio.to_thread(audit_persona, table, instrument, persona, list(measured))
        told = self._told(id, target, wanted.instrument, self._found(id))
        return Audited(
            **told,
            persona=target.shelved.model_id,
            verdict=_sentence(found, is_simulated=bool(told["is_simulated"])),
            traits=[_verdict(one) for one in found.traits],
            side_effects=[one.trait for one in found.side_effects],
            read=Figure.of(found.read),
        )

    def _plan(
        self, instrument: str, values: Mapping[str, Any], target: Target, people: Sequence[Persona], seed: int
    ) -> Plan:
        chosen = dict(values)
        if target.shelved is not None:
            chosen["renderer"] = renderer_of(target.shelved)
            if target.shelved.persona.model.temperature is not None:
                chosen["temperature"] = target.shelved.persona.model.temperature
        return make_plan(
            "instrument",
            instrument,
            chosen,
            models={"subject": target.upstream.name},
            known_models=self._services.settings.known_models,
            people=people,
            seed=seed,
            files=self._services.settings.folder / "files",
        )

    async def _run(self, plan: Plan, target: Target, call: Call, action: str, *, is_confirmed: bool) -> str:
        """Run it to its end; a client that goes away stops it, and what was finished is kept."""
        entry = Entry(self._services, action, call.caller, target.label, target.upstream.name, pays=False)
        status = 499
        try:
            entry.admit()
            if not is_confirmed:
                await refuse_unconfirmed(self._runs, plan, None, self._services.settings.confirm_above)
            id = await self._paid.start(plan, call.caller, {"limit": None, "cost_limit": None})
            try:
                async for name, data in self._runs.watch(id):
                    if name == "progress":
                        entry.usage = Usage(data["input_tokens"], data["output_tokens"])
                        await call.tell(data["done"], data["total"])
            except asyncio.CancelledError:
                await asyncio.shield(self._runs.stop(id))
                raise
            ended = self._runs.describe(id)
            if ended["state"] != "complete":
                raise Refusal(
                    502, "incomplete", f"the run is {ended['state']}: {ended['detail']}", where=id,
                    remedy="ask again: what was finished is not paid for twice",
                )  # fmt: skip
            status = 200
            return id
        except PersonaeError as error:
            status = status_of(error)
            raise
        finally:
            entry.end(status)

    def _found(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads((self._runs.path(id) / "findings.json").read_bytes())
        return found

    def _table(self, id: str) -> Any:
        import polars as pl

        return pl.read_parquet(self._runs.path(id) / "observations.parquet")

    def _told(self, id: str, target: Target, instrument: str, found: Mapping[str, Any]) -> dict[str, Any]:
        simulated = bool(found["is_simulated"])
        return {
            "model": target.upstream.name,
            "is_simulated": simulated,
            "notice": Told.notice_of(simulated),
            "run": id,
            "report": self._reports_at.format(run=id),
            "instrument": instrument,
            "statuses": found["statuses"].get("whole observation", {}),
        }


def _sentence(audit: PersonaAudit, *, is_simulated: bool) -> str:
    return f"SIMULATED. {audit.sentence}" if is_simulated else audit.sentence


def _verdict(one: TraitVerdict) -> Verdict:
    return Verdict(
        trait=one.trait,
        asked_z=one.asked,
        took=one.took,
        holds=one.holds,
        with_persona=Figure.of(one.persona),
        without_persona=Figure.of(one.without),
        shift=Figure.of(one.shift),
        largest_shift_of_a_neutral_prompt=one.wording if math.isfinite(one.wording) else None,
        ways_that_keep_half_of_it=Figure.of(one.kept),
    )
