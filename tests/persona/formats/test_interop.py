"""The real tools open what we write, and we open what they write.

EDSL and tavern-card are the dependency group ``interop``; where they live in an environment of their own,
``PERSONAE_INTEROP_PYTHON`` names its interpreter. SillyTavern comes from npm; ``PERSONAE_INTEROP_NODE`` names the
folder in which ``npm install sillytavern`` ran.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from personae.persona import (
    Persona,
    Turn,
    convert_personas,
    lorebook_of,
    macros_of,
    read_personas,
    scan_lorebook,
    write_personas,
)
from support.cards import GOLDEN
from support.personas import FULL_PERSONA

pytestmark = [pytest.mark.interop, pytest.mark.slow]


def python(module: str, script: str, *arguments: str) -> Any:
    """Run a script where a tool is installed; the last line that it prints is JSON."""
    interpreter = os.environ.get("PERSONAE_INTEROP_PYTHON", sys.executable)
    if subprocess.run([interpreter, "-c", f"import {module}"], capture_output=True, check=False).returncode:
        pytest.skip(f"{module} is not installed: install the dependency group interop")
    done = subprocess.run(
        [interpreter, "-c", f"import sys, json\n{script}", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def node(script: str, *arguments: str) -> Any:
    """Run a script of modules inside SillyTavern; the last line that it prints is JSON."""
    folder = Path(os.environ.get("PERSONAE_INTEROP_NODE", "/nonexistent")) / "node_modules" / "sillytavern"
    if not folder.is_dir() or shutil.which("node") is None:
        pytest.skip(
            "SillyTavern is not installed: npm install sillytavern, and name the folder in PERSONAE_INTEROP_NODE"
        )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script, "unused", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def mira() -> Persona:
    return read_personas(GOLDEN / "card_v2.json")[0].persona


@pytest.mark.parametrize("persona", [FULL_PERSONA, mira()], ids=["full", "mira"])
def test_sillytavern_reads_our_pictures(tmp_path: Path, persona: Persona) -> None:
    write_personas([persona], tmp_path / "a.png", format="card-png")
    card = node(
        "import fs from 'node:fs'; import {read} from './src/character-card-parser.js';"
        "import {TavernCardValidator} from './src/validator/TavernCardValidator.js';"
        "const card = JSON.parse(read(fs.readFileSync(process.argv[2])));"
        "console.log(JSON.stringify([card, new TavernCardValidator(card).validate()]))",
        str(tmp_path / "a.png"),
    )
    assert card[1] == 3  # valid as V3
    assert card[0] == json.loads(convert_personas([persona], "card-v3").data)


def test_sillytavern_finds_our_older_cards_valid(tmp_path: Path) -> None:
    for version in (1, 2, 3):
        write_personas([FULL_PERSONA], tmp_path / "a.json", format=f"card-v{version}")
        valid = node(
            "import fs from 'node:fs';"
            "import {TavernCardValidator} from './src/validator/TavernCardValidator.js';"
            "const card = JSON.parse(fs.readFileSync(process.argv[2]));"
            "console.log(JSON.stringify(new TavernCardValidator(card).validate()))",
            str(tmp_path / "a.json"),
        )
        assert valid == version


def test_what_sillytavern_writes_comes_back(tmp_path: Path) -> None:
    write_personas([mira()], tmp_path / "a.png", format="card-png")
    node(
        "import fs from 'node:fs'; import {read, write} from './src/character-card-parser.js';"
        "const card = JSON.parse(read(fs.readFileSync(process.argv[2])));"
        "card.data.description = 'Edited elsewhere.'; card.data.extensions.fav = true;"
        "fs.writeFileSync(process.argv[2], write(fs.readFileSync(process.argv[2]), JSON.stringify(card)));"
        "console.log('true')",
        str(tmp_path / "a.png"),
    )
    (again,) = read_personas(tmp_path / "a.png")
    assert again.persona.description == "Edited elsewhere."
    card: Any = again.persona.extensions["character_card"]
    assert card["data"]["extensions"]["fav"] is True
    assert card["data"]["extensions"]["agnai/voice"] == {"service": "x", "pitch": 0.25}
    assert card["data"]["x-unknown-field"] == {"kept": "yes"}


def test_sillytavern_opens_our_archives(tmp_path: Path) -> None:
    (found,) = read_personas(GOLDEN / "card_v3.json")
    picture = convert_personas([found.persona], "card-png").data
    write_personas(
        [found._replace(assets={"assets/icon/images/main.png": picture})], tmp_path / "a.charx", format="charx"
    )
    card, size = node(
        "import fs from 'node:fs'; globalThis.DATA_ROOT = '/tmp';"
        "const {CharXParser} = await import('./src/charx.js');"
        "const found = await new CharXParser(fs.readFileSync(process.argv[2])).parse();"
        "console.log(JSON.stringify([found.card, found.avatar.length]))",
        str(tmp_path / "a.charx"),
    )
    assert card == json.loads((GOLDEN / "card_v3.json").read_bytes())
    assert size == len(picture)


def test_sillytavern_finds_the_face_of_a_picture_in_our_archive(tmp_path: Path) -> None:
    found = read_personas(convert_personas([mira()], "card-png").data)
    write_personas(found, tmp_path / "a.charx", format="charx")
    size = node(
        "import fs from 'node:fs'; globalThis.DATA_ROOT = '/tmp';"
        "const {CharXParser} = await import('./src/charx.js');"
        "const found = await new CharXParser(fs.readFileSync(process.argv[2])).parse();"
        "console.log(JSON.stringify(found.avatar.length))",
        str(tmp_path / "a.charx"),
    )
    assert size == len(found[0].assets["image.png"])


def test_the_card_that_comes_with_sillytavern(tmp_path: Path) -> None:
    """A card of the world: read, searched by its own rules, put into an archive and back into a picture."""
    folder = node("import {cwd} from 'node:process'; console.log(JSON.stringify(cwd()))")
    (found,) = read_personas(Path(folder) / "default" / "content" / "default_Seraphina.png")
    book = lorebook_of(found.persona)
    assert book is not None
    assert all(entry.rules is not None for entry in book.entries)
    called = scan_lorebook(book, [Turn("user", "What is a shadowfang?")], macros_of(found.persona)).insertions
    assert [one.position for one in called] == ["before_char"]
    archive = convert_personas([found], "charx")
    assert archive.report.losses == ()
    again = read_personas(convert_personas(read_personas(archive.data), "card-png").data)
    assert again[0].assets["image.png"] == found.assets["image.png"]
    assert again[0].persona.content()["description"] == found.persona.description


def test_tavern_card_reads_our_pictures(tmp_path: Path) -> None:
    write_personas([mira()], tmp_path / "a.png", format="card-png")
    name = python(
        "tavern_card",
        "import tavern_card\ncard = tavern_card.parse_png_card(open(sys.argv[1], 'rb').read())\n"
        "print(json.dumps(card['data']['name']))",
        str(tmp_path / "a.png"),
    )
    assert name == "Mira"


def test_edsl_opens_our_agents_and_tables(tmp_path: Path) -> None:
    people = [FULL_PERSONA, Persona(name="Ada", goals=("rest",), traits={"big_five.openness": 1.0})]
    write_personas(people, tmp_path / "agents.json", format="edsl")
    write_personas(people, tmp_path / "people.csv", format="csv")
    seen = python(
        "edsl",
        "from edsl import AgentList\nagents = AgentList.from_dict(json.load(open(sys.argv[1])))\n"
        "table = AgentList.from_source(sys.argv[2])\n"
        "print(json.dumps([[a.name for a in agents], [dict(a.traits) for a in agents], len(table), agents.to_dict()]))",
        str(tmp_path / "agents.json"),
        str(tmp_path / "people.csv"),
    )
    assert seen[0] == [FULL_PERSONA.name, "Ada"]
    assert seen[1][1]["goals"] == ["rest"]
    assert seen[1][0]["age"] == FULL_PERSONA.demographics.age
    assert seen[2] == 2
    again = read_personas(json.dumps(seen[3]).encode())
    assert [one.persona.name for one in again] == [FULL_PERSONA.name, "Ada"]
    assert again[1].persona.traits == {"big_five.openness": 1.0}
