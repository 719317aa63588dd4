"""Starting and continuing runs: from words, of a command line or a form, to models, a study and a folder."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import ConflictError, InputError
from personae.settings import cache_dir, default_model, runs_dir

if TYPE_CHECKING:
    import polars as pl

    from personae.model import Model, ResponseCache
    from personae.study import Budget, Forecast, Hook, Outcome, Shard, Study, Watcher
    from personae.study.conclude import Conclusion
    from personae.study.experiment import Experiment
    from personae.study.locked_plan import LockedPlan
    from personae.study.on_ray import PartOutcome


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which models play which roles, in words that can be recorded and read back."""

    names: Mapping[str, str]
    """Model name by role; ``subject`` is always there."""
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Options by role."""
    base_url: str = ""
    """Base URL of the subject."""

    @staticmethod
    def read(model: str, roles: Mapping[str, str], settings: Mapping[str, str], base_url: str) -> ModelChoice:
        """Read the choice from words of the command line; ``judge.timeout=5`` is an option of the judge."""
        names = {"subject": model or default_model(), **roles}
        options: dict[str, dict[str, str]] = {}
        for key, value in settings.items():
            role, dot, name = key.partition(".")
            if dot and role in names:
                options.setdefault(role, {})[name] = value
            else:
                options.setdefault("subject", {})[key] = value
        return ModelChoice(names, options, base_url)

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> ModelChoice:
        """Read the choice back from the record of a run."""
        chosen = record["chosen_models"]
        return ModelChoice(chosen["names"], chosen["options"], chosen["base_url"])

    def to_json(self) -> dict[str, Any]:
        """JSON form for the record."""
        return {
            "names": dict(self.names),
            "options": {role: dict(options) for role, options in self.options.items()},
            "base_url": self.base_url,
        }

    def open(self, roles: Sequence[str], cache: ResponseCache | None) -> dict[str, Model]:
        """Make the models; a role that is not named is played by the subject's model.

        Raises:
            InputError: If a role is named that the study does not have.
        """
        from personae.model import open_model

        unknown = set(self.names) - set(roles) - {"subject"}
        if unknown:
            raise InputError(
                f"the study has no role {sorted(unknown)[0]!r}",
                where="--model-role",
                remedy=f"its roles are {', '.join(roles)}",
            )
        models: dict[str, Model] = {}
        for role, name in self.names.items():
            url = self.base_url if role == "subject" else ""
            models[role] = open_model(name, self.options.get(role), base_url=url, cache=cache)
        return {role: models.get(role, models["subject"]) for role in roles}


@dataclass(frozen=True, slots=True)
class Launch:
    """A run, as it was asked for."""

    experiment: Experiment
    parameters: Mapping[str, str]
    models: ModelChoice
    seed: int = 0
    shard: str = ""
    """Which part of the run is made, as ``1/4``; empty is the whole."""
    ledger: str = field(default="", repr=False)
    """URL of the database that keeps the ledger, which may hold a password; empty is the folder."""
    plan: LockedPlan | None = None
    """Plan that was locked before the run, which its record carries and its report is held against."""

    def details(self, shard: str) -> dict[str, Any]:
        """What the record of the run needs, for :func:`relaunch` to start it again."""
        from personae.study.plan_check import KEY

        return {
            self.experiment.kind: self.experiment.key,
            "given_parameters": dict(self.parameters),
            "chosen_models": self.models.to_json(),
            "shard": shard,
            **({KEY: self.plan.to_json()} if self.plan is not None else {}),
        }

    def default_folder(self, study: Study, models: Mapping[str, Model]) -> Path:
        """The folder that belongs to this run and no other, so that the same command continues it."""
        from personae.study import fingerprint, make_record

        short = short_name(self.models.names["subject"])
        mark = fingerprint(make_record(study, models, self.seed, {}))[:8]
        return runs_dir() / f"{self.experiment.key}-{short}-{mark}"

    def refuse_late_plan(self, folder: Path) -> None:
        """Refuse to hang a plan onto a run that began without it.

        Raises:
            ConflictError: If the folder holds a run that does not carry this plan.
        """
        from personae.study import RunFolder, read_record
        from personae.study.plan_check import KEY

        if self.plan is None or not RunFolder(folder).record_file.exists():
            return
        kept = read_record(folder).get(KEY)
        if kept is None or kept.get("seal") != self.plan.seal:
            raise ConflictError(
                "the run there began without this plan",
                where=str(folder),
                remedy="start a run of its own with --folder, or continue this one without --plan",
            )

    def forecast(self, *, limit: int | None) -> Forecast:
        """Try the study on the simulated respondent, and price it as the chosen models; none of them is asked."""
        from personae.model import open_model
        from personae.study import forecast_run

        study = self.experiment.make_study(self.parameters)
        models = self.models.open(study.roles, None)
        return forecast_run(study, models, open_model("sim"), seed=self.seed, limit=limit)

    def run(
        self,
        *,
        folder: Path | None,
        workers: int,
        limit: int | None,
        budget: Budget | None,
        use_cache: bool,
        is_quiet: bool,
        waits: bool = True,
        hooks: Sequence[Hook] = (),
        watcher: Watcher | None = None,
    ) -> tuple[Outcome, Conclusion]:
        """Run or continue, then measure and report; ``watcher`` is told of progress instead of the terminal."""
        from personae.model import ResponseCache
        from personae.study import RunFolder, Shard, choose_watcher, run_study
        from personae.study.conclude import conclude_run

        study = self.experiment.make_study(self.parameters)
        cache = ResponseCache(cache_dir()) if use_cache and self.is_remote() else None
        try:
            models = self.models.open(study.roles, cache)
            path = folder or self.default_folder(study, models)
            part = Shard.read(self.shard) if self.shard else None
            if part is not None and folder is None:
                path = path.with_name(f"{path.name}-part-{part.number}-of-{part.of}")
            self.refuse_late_plan(path)
            outcome = run_study(
                study,
                models,
                folder=path,
                seed=self.seed,
                workers=workers,
                limit=limit,
                budget=budget,
                shard=part,
                watcher=watcher or choose_watcher(is_quiet=is_quiet),
                details=self.details(self.shard),
                ledger=self.ledger or None,
                waits=waits,
                hooks=hooks,
            )
        finally:
            if cache is not None:
                cache.close()
        return outcome, conclude_run(self.experiment, study, RunFolder(path), ledger_url=self.ledger or None)

    def run_on_ray(
        self,
        *,
        parts: int,
        folder: Path | None,
        workers: int,
        budget: Budget | None,
        use_cache: bool,
        is_quiet: bool,
    ) -> tuple[Outcome, Conclusion]:
        """Observe the run in parts on a Ray cluster, then measure and report the whole."""
        from personae.study import Outcome, RunFolder, read_table
        from personae.study.conclude import conclude_run
        from personae.study.ledger import Ledger
        from personae.study.on_ray import run_on_ray

        study = self.experiment.make_study(self.parameters)
        path = folder or self.default_folder(study, self.models.open(study.roles, None))
        self.refuse_late_plan(path)
        share = None if budget is None else budget.share(parts)
        words = ({**self.details(""), "seed": self.seed}, workers, share, use_cache)

        def told(done: int) -> None:
            if not is_quiet:
                print(f"{done} of {parts} parts are through", file=sys.stderr, flush=True)  # noqa: T201

        tally = run_on_ray(partial(observe_part, *words), path, parts, told=told)

        def read() -> pl.DataFrame:
            ledger = Ledger(RunFolder(path).ledger_file)
            try:
                return read_table(ledger, self.models.names["subject"])
            finally:
                ledger.close()

        conclusion = conclude_run(self.experiment, study, RunFolder(path))
        return Outcome(tally, tally.total is not None, "", read), conclusion

    def is_remote(self) -> bool:
        """Whether a model may be asked over the network; opening a cache for others would only leave an empty file."""
        local = ("sim", "replay")
        return any(name.partition("/")[0] not in local for name in self.models.names.values())


def short_name(model: str) -> str:
    """The name of a model as a part of a folder's name."""
    name = model.partition("#")[2] or model
    return "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in name)[:40]


def observe_part(
    record: Mapping[str, Any],
    workers: int,
    budget: Budget | None,
    use_cache: bool,
    shard: Shard,
    folder: Path,
) -> PartOutcome:
    """Observe one part of a run; what a task of a cluster does, on whatever machine."""
    from personae.model import ResponseCache
    from personae.study import run_study
    from personae.study.on_ray import PartOutcome, observed

    def observe() -> PartOutcome:
        launch = _launch(record)
        study = launch.experiment.make_study(launch.parameters)
        cache = ResponseCache(cache_dir()) if use_cache and launch.is_remote() else None
        try:
            outcome = run_study(
                study,
                launch.models.open(study.roles, cache),
                folder=folder,
                seed=launch.seed,
                workers=workers,
                budget=budget,
                shard=shard,
                details=launch.details(f"{shard.number}/{shard.of}"),
            )
        finally:
            if cache is not None:
                cache.close()
        return PartOutcome(outcome.tally, outcome.is_complete, outcome.stopped)

    return observed(observe)


def relaunch(folder: Path) -> Launch:
    """Read from a run folder what was asked for.

    Raises:
        InputError: If the folder holds no run that a command started.
    """
    from personae.study import read_record

    record = read_record(folder)
    if not {"paper", "assessment", "survey"} & record.keys():
        raise InputError(
            "holds no run that a command started",
            where=str(folder),
            remedy="runs of papers, assessments and surveys can be continued here; others by what began them",
        )
    return _launch(record)


def _launch(record: Mapping[str, Any]) -> Launch:
    from personae.instrument.assessment import assessment
    from personae.instrument.survey import survey_experiment
    from personae.papers import load_paper
    from personae.study.locked_plan import locked_of
    from personae.study.plan_check import KEY

    given = record["given_parameters"]
    if "paper" in record:
        experiment: Experiment = load_paper(record["paper"])
    else:
        experiment = survey_experiment(given) if "survey" in record else assessment(given)
    plan = locked_of(record[KEY], f"record, {KEY}") if KEY in record else None
    models = ModelChoice.from_record(record)
    return Launch(experiment, given, models, record["seed"], record.get("shard", ""), plan=plan)
