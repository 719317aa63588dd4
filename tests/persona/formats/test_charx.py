"""CHARX archives: card and files come back as they were; hostile archives are refused."""

from __future__ import annotations

import io
import json
import stat
import zipfile

import pytest

from personae.errors import InputError
from personae.persona import convert_personas, detect_format, read_personas
from personae.persona.formats import archive as archives
from personae.persona.formats.archive import is_safe_name
from personae.persona.formats.charx import embedded_assets
from support.cards import golden

CARD = golden("card_v3.json")
ICON = "assets/icon/images/main.png"


def archive(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return target.getvalue()


WHOLE = archive({"card.json": CARD, ICON: b"\x89PNG...", "module.risum": b"\x00\x01"})


def test_an_archive_comes_back_with_all_its_files() -> None:
    assert detect_format(WHOLE) == "charx"
    found = read_personas(WHOLE)
    assert dict(found[0].assets) == {ICON: b"\x89PNG...", "module.risum": b"\x00\x01"}
    assert embedded_assets(found[0].persona.extensions["character_card"]) == [ICON]
    written = convert_personas(found, "charx")
    assert written.report.losses == ()
    with zipfile.ZipFile(io.BytesIO(written.data)) as packed:
        assert packed.testzip() is None
        assert json.loads(packed.read("card.json")) == json.loads(CARD)
        assert set(packed.namelist()) == {"card.json", ICON, "module.risum"}
    again = read_personas(written.data)
    assert (again[0].persona, dict(again[0].assets)) == (found[0].persona, dict(found[0].assets))
    assert convert_personas(again, "charx").data == written.data


def test_an_archive_behind_a_photo_is_found() -> None:
    data = b"\xff\xd8\xff\xe0" + bytes(2000) + b"\xff\xd9" + WHOLE
    assert detect_format(data) == "charx"
    assert read_personas(data)[0].persona.name == "Mira Holm"


@pytest.mark.parametrize("scheme", ["embeded://", "embedded://"])
def test_both_spellings_of_the_scheme_are_understood(scheme: str) -> None:
    card = {"spec": "chara_card_v3", "data": {"assets": [{"uri": f"{scheme}a/b.png"}, {"uri": 3}, None]}}
    assert embedded_assets(card) == ["a/b.png"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py",
        "a/../../evil.py",
        "/etc/passwd",
        "C:\\evil.exe",
        "a\\..\\b",
        "..",
        "a/..",
        "\\\\host\\share",
        "a/\x01b",
        "",
    ],
)
def test_names_that_leave_the_folder_are_unsafe(name: str) -> None:
    assert not is_safe_name(name)


@pytest.mark.parametrize("name", ["../evil.py", "/etc/passwd", "C:\\evil.exe", "a/../../evil.py"])
def test_an_archive_that_would_leave_its_folder_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="leave its folder"):
        read_personas(archive({"card.json": CARD, name: b"x"}))


def test_such_a_name_is_not_written_either() -> None:
    (found,) = read_personas(WHOLE)
    with pytest.raises(InputError, match="cannot hold a file called"):
        convert_personas([found._replace(assets={"../x": b""})], "charx")


def test_a_bomb_is_refused() -> None:
    bomb = archive({"card.json": CARD, "big.bin": bytes(30_000_000)})
    assert len(bomb) < 60_000
    with pytest.raises(InputError, match="unpacks to more"):
        read_personas(bomb)


def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRY_BYTES", 500_000)
    data = bytearray(archive({"card.json": CARD, "big.bin": bytes(900_000)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.rindex(signature)
        data[place + offset : place + offset + 4] = (400_000).to_bytes(4, "little")
    with pytest.raises(InputError, match=r"unpacks to more|damaged"):
        read_personas(bytes(data))


def test_many_files_that_are_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1_000_000)
    files = {f"{number}.bin": bytes(200_000) for number in range(6)}
    with pytest.raises(InputError, match="unpacks to more"):
        read_personas(archive({"card.json": CARD, **files}, method=zipfile.ZIP_STORED))
    monkeypatch.setattr(archives, "MOST_ENTRIES", 3)
    with pytest.raises(InputError, match="more than 3 files"):
        read_personas(archive({"card.json": CARD, **files}))


def test_links_and_doubles_and_passwords_are_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("card.json", CARD)
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="holds a link"):
        read_personas(target.getvalue())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed, pytest.warns(UserWarning, match="Duplicate name"):
        packed.writestr("card.json", CARD)
        packed.writestr("card.json", b"{}")
    with pytest.raises(InputError, match="twice"):
        read_personas(target.getvalue())
    locked = bytearray(WHOLE)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + offset] |= 1
    with pytest.raises(InputError, match="encrypted"):
        read_personas(bytes(locked))


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 and then nothing",
        WHOLE[:-30],
        archive({"other.json": CARD}),
        archive({"card.json": b"[1]"}),
        archive({"card.json": b"{"}),
    ],
)
def test_broken_archives_are_refused_with_one_line(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_personas(data, name="mira.charx")
    assert "mira.charx" in str(caught.value)
    assert "\n" not in str(caught.value)
