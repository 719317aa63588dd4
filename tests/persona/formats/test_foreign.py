"""What each foreign format means: its fields as those of a persona, and a persona's fields as its own."""

from __future__ import annotations

import ast
import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from personae.errors import InputError
from personae.persona import Memory, Persona, convert_personas, detect_format, read_personas, write_personas
from personae.persona.formats.levels import AMOUNTS, read_level
from support.cards import GOLDEN


def read(name: str, number: int = 0) -> Persona:
    return read_personas(GOLDEN / name)[number].persona


def test_tinytroupe() -> None:
    mira = read("tinytroupe.agent.json")
    assert (mira.name, mira.demographics.age, mira.demographics.occupation) == ("Mira Holm", 58, "Lighthouse keeper")
    assert mira.description == "You are patient.\nYou like storms."
    assert mira.traits == {
        "big_five.openness": 1.0,
        "big_five.conscientiousness": 1.5,
        "big_five.extraversion": -1.0,
        "big_five.agreeableness": 0.0,
    }  # a phrase that names no level is no number
    assert mira.provenance_of("traits.big_five.openness").origin == "inferred"
    assert [(one.ability, one.constraint) for one in mira.abilities][1] == ("You row well", "your back hurts.")
    assert mira.social_identity == {"organization": "Coast service", "relationship with Bo": "Your brother."}
    assert mira.personal_identity["interests"] == "Birds.; Knots."
    written = json.loads(convert_personas([Persona(name="Ada", traits={"big_five.openness": 2.0})], "tinytroupe").data)
    assert written["type"] == "TinyPerson"
    assert written["persona"]["personality"]["big_five"]["openness"].startswith("Extremely high.")
    fragment = convert_personas([Persona(beliefs=("Ropes remember.",))], "tinytroupe").data
    assert json.loads(fragment) == {"type": "Fragment", "persona": {"beliefs": ["Ropes remember."]}}


@pytest.mark.parametrize("level", range(1, 10))
def test_levels_are_read_back(level: int) -> None:
    z = (level - 5) / 2
    assert read_level(f"{AMOUNTS[level - 1]}. And more.") == z
    (again,) = read_personas(convert_personas([Persona(name="A", traits={"big_five.openness": z})], "tinytroupe").data)
    assert again.persona.traits == {"big_five.openness": z}


def test_edsl() -> None:
    mira, other = read("edsl.json"), read("edsl.json", 1)
    assert (mira.name, mira.demographics.age, mira.demographics.politics) == ("mira", 58, "none")
    assert mira.description == "Keeps a lighthouse."
    assert mira.personal_identity == {"hobby": "knots", "own words": "calm"}
    assert other.demographics.age == 30
    ada = Persona(
        name="Ada",
        traits={"big_five.openness": 1.0},
        goals=("rest",),
        social_identity={"club": "chess"},
        personal_identity={"age": "old soul", "own words": "calm", "social_standing": "high"},
    )
    written = convert_personas([ada], "edsl")
    agent = json.loads(written.data)["agent_list"][0]
    assert agent["traits"]["openness"].startswith("High. ")
    assert "1.0" not in str(agent["traits"])
    assert all(name.isidentifier() for name in agent["traits"])
    assert written.report.losses == ()
    assert read_personas(written.data)[0].persona.content()["personal_identity"] == ada.personal_identity


def test_oasis() -> None:
    mira = read("oasis_reddit.json")
    assert (mira.id, mira.name, mira.demographics.residence) == ("mira", "Mira Holm", "Denmark")
    assert mira.personal_identity == {"bio": "Light and fog.", "mbti": "ISTJ", "interests": "Sea; Birds"}
    assert mira.traits == {}  # a type is no score
    (user,) = json.loads(convert_personas([Persona(id="a", name="Ada")], "oasis-reddit").data)
    assert set(user) >= {"realname", "username", "bio", "persona", "age", "gender", "mbti", "country", "profession"}
    assert (user["mbti"], user["age"]) == ("", "")  # keys that OASIS needs; nothing is invented
    tweeter = read("oasis_twitter.csv")
    assert (tweeter.id, tweeter.description) == ("mira", "Keeps a lighthouse, alone.")
    rows = convert_personas([tweeter, Persona(id="b", name="Bo", description="Fishes.")], "oasis-twitter").data.decode()
    assert rows.splitlines()[0] == "user_id,name,username,following_agentid_list,previous_tweets,user_char,description"
    assert rows.splitlines()[2] == "1,Bo,b,[],[],Fishes.,"
    fresh = convert_personas([Persona(id="b", name="Bo", description="Fishes.")], "oasis-twitter").data.decode()
    (user,) = csv.DictReader(io.StringIO(fresh))
    assert all(ast.literal_eval(user[name]) == [] for name in ("following_agentid_list", "previous_tweets"))
    assert set(user) >= {"user_id", "name", "username", "user_char", "description"}


def test_nemotron() -> None:
    mira = read("nemotron.jsonl")
    assert (mira.id, mira.description, mira.demographics.residence) == (
        "u-1",
        "A keeper of light.",
        "Anholt, Midtjylland, Denmark",
    )
    assert mira.personal_identity["linguistic_persona"] == "Mira speaks little."
    assert mira.provenance_of("description").licence == "CC-BY-4.0"
    assert mira.provenance_of("demographics.age").origin == "sampled"
    table = pl.read_parquet(io.BytesIO(convert_personas([mira], "nemotron").data))
    assert table.to_dicts() == [json.loads((GOLDEN / "nemotron.jsonl").read_text())]
    mine = convert_personas([Persona(id="a", description="An engineer.")], "nemotron").data
    assert read_personas(mine)[0].persona.provenance == {}  # what others made is not claimed for what we wrote


def test_the_licence_of_a_sentence_travels() -> None:
    assert read("personahub.jsonl").provenance_of("description").licence == "CC-BY-NC-SA-4.0"
    assert read("finepersonas.jsonl").provenance_of("description").licence == "CC-BY-4.0"
    (plain,) = read_personas(b'{"persona": "A keeper"}\n')
    assert plain.persona.provenance_of("description").licence == ""
    (told,) = read_personas(b'{"persona": "A keeper"}\n', licence="CC-BY-NC-SA-4.0")
    assert told.persona.provenance_of("description").licence == "CC-BY-NC-SA-4.0"
    fresh = convert_personas([told.persona.model_copy(update={"extensions": {}})], "personahub").data
    assert json.loads(fresh)["licence"] == "CC-BY-NC-SA-4.0"


def test_genagents_is_one_person_at_each_load() -> None:
    first, second = read("genagents"), read("genagents")
    assert (first.id, first.name) == ("5f1d", "Mira Holm")
    assert first == second
    assert first.memories == (Memory(text="The lamp went out.", when="3", importance=0.8),)
    assert first.personal_identity == {"census_division": "Islands"}
    assert b"0.1" in read_personas(GOLDEN / "genagents")[0].assets["memory_stream/embeddings.json"]


def test_a_genagents_folder_without_an_id_has_one_made_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "scratch.json").write_text('{"first_name": "Ada"}')
    found = [read_personas(tmp_path)[0].persona.id for _ in range(2)]
    assert found[0] == found[1]
    (tmp_path / "scratch.json").write_text("[1]")
    with pytest.raises(InputError, match="no object"):
        read_personas(tmp_path)


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"key": "value"}')
    agent = tmp_path / "agent"
    (agent / "memory_stream").mkdir(parents=True)
    (agent / "scratch.json").write_text('{"first_name": "Ada"}')
    (agent / "memory_stream" / "nodes.json").symlink_to(secret)
    (agent / "other.json").symlink_to(secret)
    (one,) = read_personas(agent)
    assert one.persona.memories == ()
    assert "other.json" not in one.assets


def test_letta() -> None:
    assert read("letta_blocks.json").description == "I keep a lighthouse."
    agent = read("letta_agent.af")
    assert (agent.name, agent.description) == ("mira", "I keep a lighthouse.")
    assert read("letta_first.af").name == "mira"
    assert "Bo" not in str(agent.content()["description"])  # the human block is somebody else
    ada = Persona(name="Ada", description="An engineer.", goals=("rest",), traits={"big_five.openness": 1.3})
    for key in ("letta-blocks", "letta-af"):
        written = convert_personas([ada], key)
        assert written.report.is_complete
        assert read_personas(written.data)[0].persona.traits == ada.traits
    (block,) = json.loads(convert_personas([ada], "letta-blocks").data)
    assert "rest" in block["value"]
    assert "1.3" not in block["value"]
    assert len(block["value"]) <= block["limit"]


def test_concordia_and_lamp() -> None:
    mira = read("concordia.json")
    assert (mira.name, mira.demographics.occupation) == ("Mira", "keeper")
    assert (mira.memories[0].text, mira.knowledge) == ("Mira saw a wreck.", ("The harbour burned.",))
    assert mira.personal_identity == {"favourite weather": "fog"}
    user = read("lamp.json")
    assert user.id == "310"
    assert [(one.text, one.when) for one in user.memories] == [("On fog.", "2001-01-02"), ("On lamps.", "")]
    (row,) = json.loads(convert_personas([Persona(id="7", memories=(Memory(text="x"),))], "lamp").data)
    assert (row["id"], row["input"], row["profile"][0]["text"]) == ("7", "", "x")


def test_tables_with_names_of_fields() -> None:
    mira, bo = read("people.csv"), read("people.csv", 1)
    assert (mira.id, mira.demographics.age, mira.traits) == ("m", 58, {"big_five.openness": 1.25})
    assert (mira.goals, bo.goals) == (("stay",), ("sail", "rest"))
    assert mira.personal_identity == {"hobby": "knots"}
    assert "0.75" not in str({key: value for key, value in mira.content().items() if key != "extensions"})


def test_tables_with_a_map_of_columns() -> None:
    data = b"Person,Years,Hobby,Notes\nAda,36,chess,secret\n"
    columns = {"Person": "name", "Years": "demographics.age", "Hobby": "personal_identity.hobby"}
    (ada,) = read_personas(data, format="csv", columns=columns)
    assert (ada.persona.name, ada.persona.demographics.age) == ("Ada", 36)
    assert ada.persona.personal_identity == {"hobby": "chess"}
    plain = ada.persona.model_copy(update={"extensions": {}})
    assert convert_personas([plain], "csv", columns=columns).data.startswith(b"id,Person,Years,Hobby\r\n")
    with pytest.raises(InputError, match="no field"):
        read_personas(data, format="csv", columns={"Person": "nonsense"})
    with pytest.raises(InputError, match="no table"):
        read_personas(GOLDEN / "edsl.json", columns=columns)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"name,age\nAda,old\n", "no age|not an age"),
        (b"name,traits.big_five.openness\nAda,high\n", "not a number"),
        (b'name,goals\nAda,"[1,"\n', "is no JSON"),
        (b"name,age\nAda\n", "1 fields where the header has 2"),
    ],
)
def test_tables_with_faults_name_the_place(data: bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        read_personas(data, name="people.csv")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_hold_whole_personas(kind: str) -> None:
    from support.personas import FULL_PERSONA

    people: list[Any] = [FULL_PERSONA, Persona(id="b", name="Bo")]
    written = convert_personas(people, kind)
    assert written.report.losses == ()
    again = [one.persona for one in read_personas(written.data)]
    assert [one.name for one in again] == [one.name for one in people]
    assert again[0].traits == FULL_PERSONA.traits


OLD_AGENT: dict[str, Any] = {
    "name": "Oskar",
    "_configuration": {
        "name": "Oskar",
        "age": "early thirties",
        "country_of_residence": "Denmark",
        "occupation": "Keeper",
        "occupation_description": "You keep the lamp.",
        "personality_traits": [{"trait": "You are patient."}, {"trait": "You like fog."}],
        "personal_interests": [{"interest": "Knots"}],
        "skills": [{"skill": "You splice rope."}],
        "relationships": [{"name": "Bo", "description": "Your brother."}],
        "current_goals": [],
    },
    "_mental_faculties": [],
    "episodic_memory": {"json_serializable_class_name": "EpisodicMemory", "memory": [{"role": "user"}]},
}


@pytest.mark.parametrize("layout", ["oldest", "state", "class", "simulation"])
def test_agents_of_other_versions_of_tinytroupe(layout: str) -> None:
    person = OLD_AGENT["_configuration"]
    rest = {key: value for key, value in OLD_AGENT.items() if key not in ("name", "_configuration")}
    file = {
        "oldest": OLD_AGENT,
        "state": {"name": "Oskar", "_persona": person, **rest},
        "class": {"json_serializable_class_name": "TinyPerson", "persona": person, **rest},
        "simulation": {"agents": [OLD_AGENT, OLD_AGENT], "environments": [], "name": "world"},
    }[layout]
    data = json.dumps(file).encode()
    assert detect_format(data) == "tinytroupe"
    found = read_personas(data)
    assert len(found) == (2 if layout == "simulation" else 1)
    oskar = found[0].persona
    assert (oskar.name, oskar.demographics.residence, oskar.demographics.occupation) == ("Oskar", "Denmark", "Keeper")
    assert oskar.description == "You are patient.\nYou like fog."
    assert oskar.life_context == "You keep the lamp."
    assert oskar.personal_identity == {"age": "early thirties", "interests": "Knots"}
    assert oskar.social_identity == {"relationship with Bo": "Your brother."}
    assert oskar.abilities[0].ability == "You splice rope."
    written = json.loads(convert_personas(found[:1], "tinytroupe").data)
    assert (written["type"], written["persona"]) == ("TinyPerson", person)  # what TinyTroupe opens
    assert written["episodic_memory"] == OLD_AGENT["episodic_memory"]


def test_an_agent_file_that_is_a_string_of_json() -> None:
    """As some are published: the file is one JSON string, and the agent file is in it."""
    inner = (GOLDEN / "letta_agent.af").read_text()
    data = json.dumps(inner).encode()
    assert detect_format(data) == "letta-af"
    assert read_personas(data)[0].persona == read("letta_agent.af")
    for broken in (json.dumps("{x"), json.dumps(json.dumps([1])), '"{' + "[" * 90_000):
        assert detect_format(broken.encode()) == "personae"


def test_sentences_of_people_with_and_without_keys() -> None:
    plain = read_personas(b'["A nurse in Rome.", "A cook."]')
    assert [one.persona.description for one in plain] == ["A nurse in Rome.", "A cook."]
    (alice,) = read_personas(b'{"name": "Alice", "persona": "Buys a house.", "age": 28, "budget": 5}')
    assert (alice.persona.name, alice.persona.demographics.age) == ("Alice", 28)
    table = b"input persona,synthesized text,description\nA nurse,text,x\n"
    assert detect_format(table) == "personahub"
    assert read_personas(table)[0].persona.provenance_of("description").licence == "CC-BY-NC-SA-4.0"


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("edsl", {"agent_list": [{"traits": {"age": "25-34", "openness": "Often tired"}}]}),
        ("concordia", [{"name": "", "characteristics": {"age": "25-34", "openness": "Often tired"}}]),
        (
            "tinytroupe",
            {
                "type": "TinyPerson",
                "persona": {"age": "25-34", "personality": {"big_five": {"openness": "Often tired"}}},
            },
        ),
        ("oasis-reddit", [{"username": "u", "persona": "x", "age": "25-34"}]),
        ("nemotron", [{"uuid": "u", "persona": "x", "sex": "f", "education_level": "", "age": "25-34"}]),
    ],
)
def test_what_a_field_cannot_read_is_kept_in_words(key: str, data: Any) -> None:
    raw = json.dumps(data).encode()
    assert detect_format(raw) == key
    (found,) = read_personas(raw)
    assert found.persona.demographics.age is None
    assert found.persona.personal_identity["age"] == "25-34"
    if key in ("edsl", "concordia", "tinytroupe"):
        assert found.persona.personal_identity["openness"] == "Often tired"
    written = convert_personas([found], key)
    assert written.report.losses == ()
    assert read_personas(written.data)[0].persona == found.persona


def edited(persona: Persona, **changes: Any) -> Persona:
    return Persona.model_validate({**persona.model_dump(), **changes})


def test_an_edited_agent_file_keeps_the_other_blocks_and_its_names() -> None:
    before = json.loads((GOLDEN / "letta_agent.af").read_text())
    after = json.loads(
        convert_personas([edited(read("letta_agent.af"), description="I left.", name="M")], "letta-af").data
    )
    human, persona = after["blocks"]
    assert human == before["blocks"][0]
    assert (persona["id"], persona["value"], persona["limit"]) == ("block-1", "I left.", 5000)
    assert after["agents"] == [{**before["agents"][0], "name": "M"}]
    assert {key: value for key, value in after.items() if key not in ("agents", "blocks")} == {
        key: value for key, value in before.items() if key not in ("agents", "blocks")
    }
    first = json.loads(convert_personas([edited(read("letta_first.af"), description="I left.")], "letta-af").data)
    assert set(first) == set(json.loads((GOLDEN / "letta_first.af").read_text()))
    assert first["core_memory"][0]["value"] == "I left."
    blocks = json.loads(
        convert_personas([edited(read("letta_blocks.json"), description="I left.")], "letta-blocks").data
    )
    assert [block["label"] for block in blocks] == ["human", "persona"]
    assert (blocks[1]["description"], blocks[1]["metadata"]["x"], blocks[1]["value"]) == ("who I am", 1, "I left.")


def test_an_agent_without_a_persona_block_is_given_one() -> None:
    file = json.loads((GOLDEN / "letta_agent.af").read_text())
    del file["blocks"][1]
    file["agents"][0]["block_ids"] = ["block-0"]
    (found,) = read_personas(json.dumps(file).encode())
    assert found.persona.description == ""
    after = json.loads(convert_personas([edited(found.persona, description="I keep a light.")], "letta-af").data)
    assert [block["label"] for block in after["blocks"]] == ["human", "persona"]
    assert after["agents"][0]["block_ids"] == ["block-0", after["blocks"][1]["id"]]
    assert read_personas(json.dumps(after).encode())[0].persona.description == "I keep a light."


def test_agents_of_one_file_go_back_into_it(tmp_path: Path) -> None:
    file = json.loads((GOLDEN / "letta_agent.af").read_text())
    file["agents"].append({"id": "agent-1", "name": "bo", "block_ids": ["block-2"]})
    file["blocks"].append({"id": "block-2", "label": "persona", "value": "I fish.", "limit": 100})
    mira, bo = read_personas(json.dumps(file).encode())
    assert (bo.persona.name, bo.persona.description) == ("bo", "I fish.")
    assert json.loads(convert_personas([mira, bo], "letta-af").data) == file
    other = bo._replace(persona=edited(bo.persona, description="I sail."))
    write_personas([mira, other], tmp_path / "crew.af", format="letta-af")
    again = read_personas(tmp_path / "crew.af")
    assert [one.persona.description for one in again] == ["I keep a lighthouse.", "I sail."]
    write_personas([mira.persona, Persona(name="Cy")], tmp_path / "others", format="letta-af")
    assert len(list((tmp_path / "others").iterdir())) == 2


@pytest.mark.parametrize(
    ("key", "data", "change", "place"),
    [
        (
            "edsl",
            {"agent_list": [{"traits": {"persona": "x", "sex": "F"}}]},
            {"description": "y"},
            ("traits", "persona"),
        ),
        (
            "concordia",
            [{"name": "A", "characteristics": {"bio": "x"}}],
            {"description": "y"},
            ("characteristics", "bio"),
        ),
        ("personahub", [{"input persona": "x", "synthesized text": ""}], {"description": "y"}, ("input persona",)),
        (
            "tinytroupe",
            {"type": "TinyPerson", "persona": {"country_of_residence": "x"}},
            {"demographics": {"residence": "y"}},
            ("persona", "country_of_residence"),
        ),
        (
            "tinytroupe",
            {"type": "TinyPerson", "persona": {"personality_traits": [{"trait": "x"}]}},
            {"description": "y"},
            ("persona", "personality_traits"),
        ),
    ],
)
def test_an_edit_goes_under_the_name_that_the_file_has(
    key: str, data: Any, change: dict[str, Any], place: tuple[str, ...]
) -> None:
    (found,) = read_personas(json.dumps(data).encode())
    written = convert_personas([edited(found.persona, **change)], key)
    assert written.report.losses == ()
    value = json.loads(written.data)
    value = value["agent_list"] if key == "edsl" else value
    value = value[0] if isinstance(value, list) else value
    assert set(value) >= {place[0]}
    for name in place:
        assert not {"description", "residence", "personality", "persona"} & set(value) - {place[0], name}
        value = value[name]
    assert value in ("y", [{"trait": "y"}])


@pytest.mark.parametrize(
    ("row", "residence", "languages"),
    [
        ({"city": "Austin", "state": "TX", "zipcode": "78701", "country": "USA"}, "Austin, TX, USA", ()),
        (
            {"prefecture": "東京都", "region": "関東", "area": "東日本", "country": "日本"},
            "東京都, 関東, 東日本, 日本",
            (),
        ),
        (
            {"district": "Patna", "state": "Bihar", "zone": "East", "country": "India"}
            | {
                "native_language": "Hindi",
                "first_language": "Hindi",
                "second_language": "English",
                "third_language": None,
            },
            "Patna, Bihar, East, India",
            ("Hindi", "English"),
        ),
        ({"planning_area": "Tampines", "country": "Singapore"}, "Tampines, Singapore", ()),
    ],
)
def test_nemotron_of_other_countries(row: dict[str, Any], residence: str, languages: tuple[str, ...]) -> None:
    known = {"uuid": "u", "persona": "x", "professional_persona": "p", "sex": "F", "education_level": "e", "age": 40}
    raw = json.dumps({**known, "religion": "none", "ethnicity": "x", "education_degree": "BA", **row}).encode()
    (found,) = read_personas(raw)
    facts = found.persona.demographics
    assert (facts.residence, facts.languages, facts.religion, facts.ethnicity) == (residence, languages, "none", "x")
    assert found.persona.personal_identity["education_degree"] == "BA"
    written = convert_personas([found], "nemotron")
    assert written.report.losses == ()
    assert read_personas(written.data)[0].persona == found.persona


def test_agents_of_edsl_in_a_plain_list() -> None:
    agents = [{"traits": {"age": age}, "edsl_version": "1.0", "edsl_class_name": "Agent"} for age in (22, 23)]
    found = read_personas(json.dumps(agents).encode())
    assert [one.persona.demographics.age for one in found] == [22, 23]
    assert json.loads(convert_personas(found, "edsl").data) == agents


def test_steps_of_genagents_can_be_sorted() -> None:
    mira = read("genagents")
    more = [Memory(text="It rained.", importance=0.1), Memory(text="Fog.", when="12", importance=0.2)]
    later = edited(mira, memories=[*mira.memories, *more])
    written = convert_personas([later], "genagents")
    nodes = json.loads(written.files["memory_stream/nodes.json"])
    assert sorted(node["last_retrieved"] for node in nodes) == [0, 3, 12]
    assert written.report.losses == ()


def _zip(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize("folder", ["", "mira/"])
def test_a_genagents_folder_is_read_from_a_zip_archive_too(folder: str, tmp_path: Path) -> None:
    files = {path.relative_to(GOLDEN / "genagents").as_posix(): path for path in (GOLDEN / "genagents").rglob("*.json")}
    packed = _zip({f"{folder}{name}": path.read_bytes() for name, path in files.items()} | {"readme.txt": b"hello"})
    assert detect_format(packed) == "genagents"
    (read,) = read_personas(packed)
    (whole,) = read_personas(GOLDEN / "genagents")
    assert (read.persona, read.assets) == (whole.persona, whole.assets)
    (tmp_path / "mira.zip").write_bytes(packed)
    assert read_personas(tmp_path / "mira.zip")[0].persona == whole.persona


@pytest.mark.parametrize("name", ["../scratch.json", "/scratch.json", "a/../../scratch.json"])
def test_a_packed_folder_that_would_leave_its_place_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="leave its folder"):
        read_personas(_zip({"scratch.json": b"{}", name: b"{}"}))


def test_an_archive_of_neither_kind_is_refused_and_says_so() -> None:
    with pytest.raises(InputError, match=r"without card\.json"):
        read_personas(_zip({"notes.json": b"{}"}))


def test_a_bank_of_genagents(tmp_path: Path) -> None:
    people = [read("genagents"), Persona(id="b", name="Bo", memories=(Memory(text="It rained.", importance=0.1),))]
    write_personas(people, tmp_path / "bank", format="genagents")
    assert sorted(path.name for path in (tmp_path / "bank").iterdir()) == ["5f1d", "b"]
    (tmp_path / "bank" / "notes").mkdir()
    (tmp_path / "bank" / "notes" / "x.json").write_text("{}")
    (tmp_path / "bank" / "linked").symlink_to(GOLDEN / "genagents")
    assert detect_format(tmp_path / "bank") == "genagents"
    found = read_personas(tmp_path / "bank")
    assert [(one.persona.id, one.persona.name, len(one.persona.memories)) for one in found] == [
        ("5f1d", "Mira Holm", 1),
        ("b", "Bo", 1),
    ]
    (tmp_path / "bank" / "b" / "scratch.json").write_text("[1]")
    with pytest.raises(InputError, match=r"bank/b/scratch.json: is no object"):
        read_personas(tmp_path / "bank")
