"""Forms: every parameter that a page can set is there, and no word of a client becomes the name of a file."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personae.errors import PersonaeError
from personae.instrument import list_instruments
from personae.papers import catalogue, is_runnable
from personae.serve.running import describe_experiment, keep_upload, make_plan
from personae.serve.running.catalogue import settings_of
from personae.serve.running.forms import KEYS, SET_OTHERWISE, UPLOAD, askable, form_schema, set_elsewhere

PAPERS = [one.key for one in catalogue() if is_runnable(one)]
EXPERIMENTS = [*(("paper", key) for key in PAPERS), ("instrument", "bfi-10")]
NAMES_A_FILE = re.compile(r"\b(files?|folder|TOML|CSV|JSON|JSONL|Parquet|table)\b")

_opened: list[str] | None = None


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is not None and event in ("open", "os.listdir", "os.scandir"):
        _opened.append(str(arguments[0]))


sys.addaudithook(_listen)


def fields(kind: str, key: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = form_schema(settings_of(kind, key))["properties"]
    return found


@pytest.mark.parametrize(("kind", "key"), EXPERIMENTS)
def test_a_page_can_set_all_but_folders(kind: str, key: str) -> None:
    settings = settings_of(kind, key)
    otherwise = SET_OTHERWISE if kind == "instrument" else frozenset()
    assert set(fields(kind, key)) | set(set_elsewhere(settings)) | otherwise == set(settings.model_fields)
    assert describe_experiment(kind, key)["elsewhere"] == set_elsewhere(settings)


@pytest.mark.parametrize(("kind", "key"), EXPERIMENTS)
def test_what_speaks_of_a_file_is_brought_or_chosen(kind: str, key: str) -> None:
    """A new parameter that names a file has to say so by its type, or a form would take a path for it."""
    texts = settings_of(kind, key).text_fields()
    for name, field in fields(kind, key).items():
        assert field["description"].strip(), name
        if field.get("type") == "string" and name not in texts and "enum" not in field and "format" not in field:
            assert not NAMES_A_FILE.search(field["description"]), name
        if name in texts:
            assert not field["description"].startswith("file"), name


@pytest.mark.parametrize(("kind", "key"), EXPERIMENTS)
@pytest.mark.parametrize("ending", ["", ".toml", ".csv", ".json", ".jsonl", ".txt"])
def test_no_text_of_a_form_is_opened(kind: str, key: str, ending: str, tmp_path: Path) -> None:
    global _opened  # a hook of the interpreter cannot be taken away again
    canary = tmp_path / f"canary{ending}"
    canary.write_text("{}", encoding="utf-8")
    texts = settings_of(kind, key).text_fields()
    for name, field in fields(kind, key).items():
        if field.get("type") != "string" or name in texts:
            continue
        _opened = []
        try:
            plan = make_plan(
                kind,
                key,
                {name: str(canary)},
                models={},
                known_models={"sim": {}},
                people=[],
                seed=0,
                files=tmp_path / "f",
            )
            study = plan.launch().experiment.make_study(plan.parameters)
            next(iter(study.design(np.random.default_rng(0))))
        except PersonaeError:
            pass
        finally:
            opened, _opened = _opened, None
        assert not [one for one in opened if "canary" in one], name


def test_a_key_is_chosen_and_a_file_is_brought(tmp_path: Path) -> None:
    def parameters(**values: Any) -> dict[str, str]:
        made = make_plan(
            "paper",
            "self_assessment_unreliable",
            values,
            models={},
            known_models={"sim": {}},
            people=[],
            seed=0,
            files=tmp_path,
        )
        return dict(made.parameters)

    assert set(fields("paper", "self_assessment_unreliable")["instrument"]["enum"]) >= {"ipip-neo-120", "ipip-neo-300"}
    assert parameters(instrument="ipip-neo-300") == {"instrument": "ipip-neo-300"}
    source = Path(__file__).parents[3] / "src/personae/instrument/library/ipip-neo-120.toml"
    name = keep_upload(source.read_bytes(), "My own (2).TOML", tmp_path)
    assert parameters(instrument=name) == {"instrument": str(tmp_path.resolve() / name)}
    for bad in (f"../{tmp_path.name}/{name}", str(tmp_path / name), "0" * 24 + ".toml", "hexaco"):
        with pytest.raises(PersonaeError, match="no file that was brought"):
            parameters(instrument=bad)


def test_forms_of_several_keys_take_known_keys_only(tmp_path: Path) -> None:
    assert fields("paper", "psychobench")["forms"]["format"] == KEYS

    def forms(value: str) -> str:
        made = make_plan(
            "paper",
            "psychobench",
            {"forms": value},
            models={},
            known_models={"sim": {}},
            people=[],
            seed=0,
            files=tmp_path,
        )
        return made.parameters["forms"]

    assert forms("bfi-44, gse") == "bfi-44, gse"
    for bad in ("bfi-44,/etc/x.json", "x.toml", "../bfi-44.toml"):
        with pytest.raises(PersonaeError, match="is not known"):
            forms(bad)


def test_the_published_size_can_be_chosen_whole() -> None:
    for key in PAPERS:
        full = describe_experiment("paper", key)["full"]
        assert set(full) <= set(fields("paper", key)), key
    assert describe_experiment("paper", "self_assessment_unreliable")["full"] == {"instrument": "ipip-neo-300"}
    assert describe_experiment("paper", "political_personas")["full"] == {"people": 200_000}


def test_only_instruments_with_texts_are_offered() -> None:
    assert set(askable()) < set(list_instruments())
    assert "hexaco-60" not in askable()
    assert fields("paper", "spectrum")["answers"]["format"] == UPLOAD


@pytest.mark.parametrize(("name", "data"), [("a.exe", b"x"), ("a", b"x"), ("a.csv", b""), ("../a.csv/..", b"x")])
def test_what_no_study_reads_is_not_kept(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(PersonaeError):
        keep_upload(data, name, tmp_path / "files")
    assert not (tmp_path / "files").exists()


def test_a_file_is_kept_once_under_what_it_holds(tmp_path: Path) -> None:
    first = keep_upload(b"a,b\n1,2\n", "../../Räume & Co.CSV", tmp_path)
    assert re.fullmatch(r"[0-9a-f]{24}-r-ume-co\.csv", first)
    assert keep_upload(b"a,b\n1,2\n", "../../Räume & Co.CSV", tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == [first]
