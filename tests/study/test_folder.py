"""The run folder: one run, one process, nothing half-written, no key."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import orjson
import polars as pl
import pytest

from personae.errors import ConflictError, InputError, StorageError
from personae.study import RunFolder, list_runs, make_record, read_record, run_study, write_json
from support.studies import TESTS, SmallStudy, WatchedModel


def record(seed: int = 0, **extra: object) -> dict[str, object]:
    return make_record(SmallStudy(extra=extra), {"subject": WatchedModel()}, seed, {})


def test_a_new_folder_is_made_with_its_parents_and_claimed(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "a" / "b") as folder:
        assert folder.claim(record()) is False
        assert read_record(folder.path)["study"] == "small"


def test_the_same_run_continues(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        folder.claim(record())
    with RunFolder(tmp_path) as folder:
        assert folder.claim(record()) is True


def test_another_run_is_refused_and_the_message_says_what_differs(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        folder.claim(record(prompt="abc"))
        before = folder.record_file.read_bytes()
        with pytest.raises(ConflictError) as caught:
            folder.claim(record(seed=1, prompt="xyz"))
        assert "parameters.prompt" in str(caught.value)
        assert "abc" in str(caught.value)
        assert "seed" in str(caught.value)
        assert "--folder" in caught.value.remedy
        assert folder.record_file.read_bytes() == before


def test_calls_of_nobody_knows_which_run_are_not_taken_for_those_of_this_one(tmp_path: Path) -> None:
    run_study(SmallStudy(questions=1), {"subject": WatchedModel()}, folder=tmp_path)
    (tmp_path / "run.json").unlink()
    model = WatchedModel()
    with pytest.raises(ConflictError, match=r"run\.json"):
        run_study(SmallStudy(questions=2), {"subject": model}, folder=tmp_path)
    assert model.requests == []
    assert not (tmp_path / "run.json").exists()


def test_a_fingerprint_of_another_scheme_is_refused_in_words(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        folder.claim(record())
        held = {**read_record(tmp_path), "fingerprint": "0" * 64}
        write_json(folder.record_file, held)
        with pytest.raises(ConflictError, match="another version of personae"):
            folder.claim(record())


@pytest.mark.parametrize("name", ["study", "parameters", "models", "seed", "fingerprint"])
def test_a_record_that_lacks_what_the_run_depends_on_is_refused(name: str, tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        folder.claim(record())
        held = read_record(tmp_path)
        del held[name]
        write_json(folder.record_file, held)
        with pytest.raises(InputError, match=f"lacks {name}"):
            folder.claim(record())


def test_a_long_list_of_differences_is_cut(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        folder.claim(record(**{f"p{number}": 0 for number in range(20)}))
        with pytest.raises(ConflictError) as caught:
            folder.claim(record(**{f"p{number}": 1 for number in range(20)}))
    assert str(caught.value).count(" in the folder, ") == 5


def test_a_second_process_is_refused_and_told(tmp_path: Path) -> None:
    script = (
        "import sys; from personae.study import RunFolder; from pathlib import Path\n"
        "with RunFolder(Path(sys.argv[1])): pass"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with RunFolder(tmp_path):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode != 0
        assert "another process is running in this folder" in done.stderr
    assert subprocess.run(command, check=False, env=environment).returncode == 0


def test_the_same_process_cannot_run_twice_in_a_folder_either(tmp_path: Path) -> None:
    with RunFolder(tmp_path), pytest.raises(ConflictError, match="wait for it"), RunFolder(tmp_path):
        pass
    with RunFolder(tmp_path):
        pass


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    script = (
        "import os, sys; from personae.study import RunFolder; from pathlib import Path\n"
        "RunFolder(Path(sys.argv[1])).__enter__(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    with RunFolder(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"), RunFolder(tmp_path / "file" / "run"):
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"schema_version": 99}', b"\xff"])
def test_a_record_that_is_none_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_record(tmp_path)
    assert "\n" not in str(caught.value)
    assert "run.json" in str(caught.value)


def test_a_folder_without_a_run_says_how_to_find_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="personae run list"):
        read_record(tmp_path)


def test_runs_are_listed_oldest_first_and_other_folders_are_not(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nowhere") == []
    for age, name in ((30, "b"), (20, "c"), (10, "a")):
        with RunFolder(tmp_path / name) as folder:
            folder.claim(record())
        os.utime(tmp_path / name / "run.json", (1000 - age, 1000 - age))
    (tmp_path / "other").mkdir()
    assert [path.name for path in list_runs(tmp_path)] == ["b", "c", "a"]


def test_json_is_seen_old_or_new_and_never_half(tmp_path: Path) -> None:
    path = tmp_path / "findings.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert orjson.loads(path.read_bytes()) == {"a": 1}
    assert [one.name for one in tmp_path.iterdir()] == ["findings.json"]


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: steps.append("on disk"))
    monkeypatch.setattr(Path, "replace", lambda *_: steps.append("named"))
    write_json(tmp_path / "run.json", {})
    assert steps == ["on disk", "named"]


def test_a_table_is_written_whole(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    table = pl.DataFrame({"cell": ["a", "b"], "answer": [[1, 2], []]})
    folder.write_table(table)
    assert pl.read_parquet(folder.table_file).equals(table)
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_gives_a_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(StorageError, match="check free space"):
            write_json(tmp_path / "x.json", {})
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_a_place_that_is_gone_gives_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_json(tmp_path / "gone" / "x.json", {})
