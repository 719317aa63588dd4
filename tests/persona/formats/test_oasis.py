"""OASIS: users of Reddit and of Twitter."""

from __future__ import annotations

import ast
import csv
import io
import json

from personae.persona import Persona, convert_personas, detect_format, read_personas
from support.foreign import edited, read


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


def test_users_of_tools_that_grew_from_oasis_are_called_by_their_name() -> None:
    user = {"user_id": 1, "username": "bo_7", "name": "Bo", "bio": "Sailor.", "persona": "Bo sails.", "karma": 10}
    raw = json.dumps([user]).encode()
    assert detect_format(raw) == "oasis-reddit"
    (bo,) = read_personas(raw)
    assert bo.persona.name == "Bo"
    written = convert_personas([edited(bo.persona, name="Bo Holm")], "oasis-reddit")
    assert written.report.losses == ()
    assert json.loads(written.data) == [{**user, "name": "Bo Holm"}]
