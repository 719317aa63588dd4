"""Plans: values of a form become the words of a command, and nothing a client sends becomes a file's name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from personae.errors import InputError
from personae.persona import Persona
from personae.serve.faults import Refusal
from personae.serve.running import Plan, make_plan

MODELS: dict[str, dict[str, str]] = {"sim": {}, "openai/gpt-4o-mini": {"timeout": "5"}}


def plan(folder: Path, values: dict[str, Any] | None = None, **more: Any) -> Plan:
    asked: dict[str, Any] = {"kind": "paper", "key": "personallm", "models": {}, "people": [], "seed": 0, **more}
    return make_plan(asked.pop("kind"), asked.pop("key"), values or {}, known_models=MODELS, files=folder, **asked)


def test_values_become_words(tmp_path: Path) -> None:
    made = plan(tmp_path, {"personas_per_type": 2, "stories": False, "temperature": 0.5, "attempts": None})
    assert made.parameters == {"personas_per_type": "2", "stories": "false", "temperature": "0.5"}
    study = made.launch().experiment.make_study(made.parameters)
    assert study.parameters["personas_per_type"] == 2


def test_a_plan_survives_being_told_to_another_process(tmp_path: Path) -> None:
    made = plan(tmp_path, {"personas_per_type": 1}, models={"judge": "openai/gpt-4o-mini"}, seed=7)
    assert Plan.from_json(made.to_json()) == made
    assert made.options == {"judge": {"timeout": "5"}}
    assert made.launch().seed == 7


def test_a_text_is_kept_in_a_file_of_the_servers_own(tmp_path: Path) -> None:
    text = "Rate yourself.\n$items"
    made = plan(tmp_path, {"story_prompt": text})
    path = Path(made.parameters["story_prompt"])
    assert path.parent == tmp_path.resolve()
    assert path.read_text(encoding="utf-8") == text


def test_a_name_of_a_file_is_a_text_like_any_other(tmp_path: Path) -> None:
    made = plan(tmp_path, {"story_prompt": "/etc/passwd"})
    assert Path(made.parameters["story_prompt"]).read_text(encoding="utf-8") == "/etc/passwd"
    for value in ("/etc/passwd", "a.dic"):
        with pytest.raises(InputError, match="no file that was brought"):
            plan(tmp_path, {"dictionary": value})


def test_people_of_the_shelf_are_put_into_a_file(tmp_path: Path) -> None:
    ada = Persona(name="Ada", traits={"big_five.openness": 1.0})
    made = plan(tmp_path, kind="instrument", key="bfi-10", people=[ada])
    assert made.title
    (path,) = tmp_path.glob("*.jsonl")
    assert [json.loads(line)["name"] for line in path.read_text(encoding="utf-8").splitlines()] == ["Ada"]
    with pytest.raises(InputError, match="own people"):
        plan(tmp_path, people=[ada])


def test_only_models_of_the_server_are_asked(tmp_path: Path) -> None:
    for name in ("openai/gpt-5", "http://169.254.169.254/v1#x", "hf//etc"):
        with pytest.raises(Refusal, match="no model of this server"):
            plan(tmp_path, models={"subject": name})
    with pytest.raises(InputError, match="role"):
        plan(tmp_path, models={"stranger": "sim"})


def test_a_role_that_nobody_plays_needs_no_model(tmp_path: Path) -> None:
    models = {"judge": "openai/gpt-4o-mini"}
    assert set(plan(tmp_path, models=models).names) == {"subject", "judge"}
    without = plan(tmp_path, {"stories": False, "judged_per_type": 0}, models=models)
    assert (set(without.names), without.options) == ({"subject"}, {})


@pytest.mark.parametrize(
    "values", [{"unknown": 1}, {"personas_per_type": 0}, {"wording": "other"}, {"attempts": "many"}]
)
def test_bad_values_are_refused_before_anything_starts(tmp_path: Path, values: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        plan(tmp_path, values)
    assert list(tmp_path.iterdir()) == []
