"""Conversations: trees, streams, stopping, what outlives a reload and a killed server, and whose they are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from personae.papers.persona_l.settings import MOST_GRADE
from personae.serve.store import Store
from personae.serve.talk.remarks import reading_of
from support.chat_server import ChatServer, stream
from support.served import CHANGES, Served, client_of

ADA = {
    "name": "Ada",
    "description": "Ada keeps bees behind the old school and sells their honey on Saturdays.",
    "traits": {"big_five.extraversion": 2.0, "big_five.neuroticism": -1.5},
    "knowledge": ["how to repair a printing press"],
}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path) as client:
        client.post("/api/personas", json={"persona": ADA})
        yield client


def begin(client: TestClient, *seats: dict[str, Any], **more: Any) -> dict[str, Any]:
    wanted = seats or ({"kind": "persona", "persona": "ada"},)
    answer = client.post("/api/conversations", json={"seats": list(wanted), **more})
    assert answer.status_code == 201, answer.text
    begun: dict[str, Any] = answer.json()
    return begun


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            found.append((lines["event"], orjson.loads(lines["data"])))
    return found


def say(client: TestClient, id: str, text: str, **more: Any) -> list[tuple[str, dict[str, Any]]]:
    answer = client.post(f"/api/conversations/{id}/messages", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return events_of(answer.text)


def test_a_person_is_seated_and_the_persona_keeps_its_version(client: TestClient) -> None:
    begun = begin(client)
    human, ada = begun["seats"]
    assert (human["kind"], human["name"]) == ("human", "You")
    assert (ada["name"], ada["version"], ada["persona"]) == ("Ada", 1, "ada")
    assert begun["title"] == "Ada"
    client.put("/api/personas/ada", json={"persona": {**ADA, "name": "Ada L."}, "base_version": 1})
    again = client.get(f"/api/conversations/{begun['id']}").json()
    assert again["seats"][1]["version"] == 1


def test_an_answer_comes_in_pieces_and_is_kept_whole(client: TestClient) -> None:
    begun = begin(client)
    events = say(client, begun["id"], "How was your week?")
    names = [name for name, _ in events]
    assert names[:2] == ["message", "start"]
    assert names[-2:] == ["done", "end"]
    assert names.count("delta") > 5
    text = "".join(data["text"] for name, data in events if name == "delta")
    done = events[-2][1]["message"]
    assert done["text"] == text
    assert (done["status"], done["model"], done["is_simulated"]) == ("done", "sim", True)
    assert done["usage"]["output_tokens"] > 0
    assert done["cost"] == 0.0
    kept = client.get(f"/api/conversations/{begun['id']}").json()
    assert [message["role"] for message in kept["messages"]] == ["user", "assistant"]
    assert kept["messages"][1] == done
    assert kept["leaf"] == events[-1][1]["leaf"] == done["id"]


def test_what_can_be_said_about_an_answer_is_said(client: TestClient) -> None:
    begun = begin(client)
    done = say(client, begun["id"], "Write about 120 words about your week.")[-2][1]["message"]
    gauge = done["adherence"]
    assert {row["key"] for row in gauge["traits"]} == {"big_five.extraversion", "big_five.neuroticism"}
    assert gauge["score"] == 1.0  # the simulated respondent is 2 SD extraverted
    assert "uncalibrated" in gauge["note"]
    assert done["reading"]["words"] > 50
    assert isinstance(done["reading"]["grade"], float)


def test_sources_and_worn_phrases_of_an_answer_are_placed_and_have_their_terms(tmp_path: Path) -> None:
    said = "My cousin is a cat lady. I keep bees behind the old school."
    ada = {**ADA, "provenance": {"description": {"by": "an interview", "licence": "CC BY 4.0"}}}
    with ChatServer(said) as server, client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        client.post("/api/personas", json={"persona": ada})
        done = say(client, begin(client)["id"], "Who are you?")[-2][1]["message"]
    (source,) = done["sources"]
    assert said[source["start"] : source["end"]] == "I keep bees behind the old school."
    assert (source["path"], source["by"], source["licence"]) == ("description[0]", "an interview", "CC BY 4.0")
    (worn,) = done["worn_phrases"]
    assert (said[worn["start"] : worn["end"]], worn["kind"]) == ("cat lady", "stereotype")


def test_a_second_answer_is_another_draw_beside_the_first(client: TestClient) -> None:
    begun = begin(client)
    events = say(client, begun["id"], "Tell me something.")
    question, first = events[0][1]["message"], events[-2][1]["message"]
    answer = client.post(f"/api/conversations/{begun['id']}/messages/{question['id']}/replies", json={})
    second = events_of(answer.text)[-2][1]["message"]
    assert second["parent"] == first["parent"] == question["id"]
    assert second["text"] != first["text"]


def test_editing_makes_a_branch_and_either_can_be_shown(client: TestClient) -> None:
    begun = begin(client)
    first = say(client, begun["id"], "Do you like tea?")
    say(client, begun["id"], "Do you like coffee?", parent=None)
    tree = client.get(f"/api/conversations/{begun['id']}").json()
    roots = [message["text"] for message in tree["messages"] if message["parent"] is None]
    assert roots == ["Do you like tea?", "Do you like coffee?"]
    leaf = first[-1][1]["leaf"]
    changed = client.patch(f"/api/conversations/{begun['id']}", json={"leaf": leaf, "title": "Tea"}).json()
    assert (changed["leaf"], changed["title"]) == (leaf, "Tea")
    assert client.patch(f"/api/conversations/{begun['id']}", json={"leaf": "m-none"}).status_code == 404


def test_several_seats_answer_at_once_beside_each_other(client: TestClient) -> None:
    client.post("/api/personas", json={"persona": {"name": "Bo", "traits": {"big_five.extraversion": -2.0}}})
    begun = begin(
        client, {"kind": "persona", "persona": "ada"}, {"kind": "persona", "persona": "bo"}, {"kind": "model"}
    )
    events = say(client, begun["id"], "Who are you?")
    done = [data["message"] for name, data in events if name == "done"]
    assert len(done) == 3
    assert len({message["seat"] for message in done}) == 3
    assert len({message["parent"] for message in done}) == 1
    streamed: dict[str, str] = {}
    for name, data in events:
        if name == "delta":
            streamed[data["id"]] = streamed.get(data["id"], "") + data["text"]
    assert streamed == {message["id"]: message["text"] for message in done}
    only = say(client, begun["id"], "And you?", reply_from=[done[1]["seat"]])
    assert [data["message"]["seat"] for name, data in only if name == "done"] == [done[1]["seat"]]
    assert [name for name, _ in say(client, begun["id"], "Nobody?", reply_from=[])] == ["message", "end"]


def test_what_a_model_is_sent_is_the_persona_then_the_branch_as_it_heard_it(tmp_path: Path) -> None:
    with ChatServer("Fine.") as server, client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        client.post("/api/personas", json={"persona": {**ADA, "model": {"temperature": 0.3}}})
        begun = begin(client, {"kind": "persona", "persona": "ada", "reading_level": "easy"})
        first = say(client, begun["id"], "How are you?")
        say(client, begun["id"], "And now?", parent=first[-1][1]["leaf"])
        body = server.requests[-1]
        assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
        system = body["messages"][0]["content"]
        assert system.startswith("You are Ada.")
        assert system.index("keeps bees") < system.index("Easy Read")
        assert [message["content"] for message in body["messages"][1:]] == ["How are you?", "Fine.", "And now?"]
        assert body["temperature"] == 0.3
        assert body["stream"] is True


def test_others_are_heard_by_their_names_where_several_speak(tmp_path: Path) -> None:
    with ChatServer("Indeed.") as server, client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        client.post("/api/personas", json={"persona": ADA})
        client.post("/api/personas", json={"persona": {"name": "Bo"}})
        begun = begin(client, {"kind": "persona", "persona": "ada"}, {"kind": "persona", "persona": "bo"})
        ada, bo = begun["seats"][1]["id"], begun["seats"][2]["id"]
        leaf = say(client, begun["id"], "Hello, both.", reply_from=[ada])[-1][1]["leaf"]
        client.post(f"/api/conversations/{begun['id']}/messages/{leaf}/replies", json={"reply_from": [bo]})
        heard = server.requests[-1]["messages"][-1]
        assert heard == {"role": "user", "content": "User: Hello, both.\n\nAda: Indeed."}


def test_a_model_that_fails_is_told_and_the_conversation_goes_on(tmp_path: Path) -> None:
    from support.chat_server import fail

    with ChatServer("Back.", plan=[fail(500)]) as server, client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        begun = begin(client, {"kind": "model"})
        done = say(client, begun["id"], "Hi")[-2][1]["message"]
        assert done["status"] == "failed"
        assert "HTTP 500" in done["error"]
        assert "try again" in done["error"]
        assert say(client, begun["id"], "Again")[-2][1]["message"]["text"] == "Back."


def test_what_an_endpoint_says_of_the_servers_key_is_not_told(tmp_path: Path) -> None:
    from support.chat_server import fail

    refused = fail(401, "Incorrect API key provided: sk-ab***yz")
    with ChatServer(plan=[refused]) as server, client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        begun = begin(client, {"kind": "model"})
        done = say(client, begun["id"], "Hi")[-2][1]["message"]
    assert "HTTP 401" in done["error"]
    assert "sk-ab" not in done["error"]


def test_an_answer_keeps_how_its_seat_stood_and_why_it_ended(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        client.post("/api/personas", json={"persona": ADA})
        begun = begin(client, {"kind": "persona", "persona": "ada", "reading_level": "plain"})
        first = say(client, begun["id"], "Who are you?")[-2][1]["message"]
        assert (first["played"]["version"], first["played"]["reading_level"]) == (1, "plain")
        assert first["finish"] == "stop"
        client.put("/api/personas/ada", json={"persona": {**ADA, "style": "curt"}, "base_version": 1})
        seats = [{**begun["seats"][0]}, {**begun["seats"][1], "version": 2}]
        assert client.patch(f"/api/conversations/{begun['id']}", json={"seats": seats}).status_code == 200
        second = say(client, begun["id"], "And now?", parent=first["id"])[-2][1]["message"]
        assert second["played"]["version"] == 2
        text = client.get(f"/api/conversations/{begun['id']}/export?format=markdown").text
        assert "**Ada** (version 1, sim)" in text
        assert "**Ada** (version 2, sim)" in text


def test_an_answer_goes_on_when_its_page_is_left_and_can_be_followed(tmp_path: Path) -> None:
    async def leave_early(url: str, id: str) -> None:
        import aiohttp

        async with (
            aiohttp.ClientSession(headers=CHANGES) as session,
            session.post(f"{url}/api/conversations/{id}/messages", json={"text": "Count."}) as answer,
        ):
            async for line in answer.content:
                if b"three" in line:
                    return

    pieces = ["one ", "two ", "three ", *["more "] * 40]
    with (
        ChatServer(stream(pieces, pause=0.02)) as server,
        Served(tmp_path, models=(f"{server.url}#m",)) as served,
    ):
        import httpx2

        client = httpx2.Client(base_url=served.url, headers=CHANGES)
        id = client.post("/api/conversations", json={"seats": [{"kind": "model"}]}).json()["id"]
        asyncio.run(leave_early(served.url, id))
        message = client.get(f"/api/conversations/{id}").json()["messages"][-1]
        deadline = time.monotonic() + 30
        while message["status"] == "streaming" and time.monotonic() < deadline:
            time.sleep(0.05)
            message = client.get(f"/api/conversations/{id}/messages/{message['id']}").json()
        assert (message["status"], message["text"]) == ("done", "".join(pieces))
        assert server.completed == 1
        client.close()


def test_removing_a_conversation_stops_its_answers(tmp_path: Path) -> None:
    import threading

    import httpx2

    pieces = ["one ", *["more "] * 4000]
    with ChatServer(stream(pieces, pause=0.02)) as server, Served(tmp_path, models=(f"{server.url}#m",)) as served:
        client = httpx2.Client(base_url=served.url, headers=CHANGES, timeout=30)
        id = client.post("/api/conversations", json={"seats": [{"kind": "model"}]}).json()["id"]
        said = {"text": "Count."}
        talking = threading.Thread(target=lambda: client.post(f"/api/conversations/{id}/messages", json=said))
        talking.start()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not server.requests:
            time.sleep(0.05)
        assert client.delete(f"/api/conversations/{id}").status_code == 204
        talking.join(20)
        assert not talking.is_alive()
        assert server.completed == 0
        client.close()


def test_an_answer_is_stopped_by_request(tmp_path: Path) -> None:
    import threading

    import httpx2

    pieces = ["one ", "two ", *["more "] * 400]
    with ChatServer(stream(pieces, pause=0.02)) as server, Served(tmp_path, models=(f"{server.url}#m",)) as served:
        client = httpx2.Client(base_url=served.url, headers=CHANGES, timeout=20)
        id = client.post("/api/conversations", json={"seats": [{"kind": "model"}]}).json()["id"]
        got: list[str] = []

        def talk() -> None:
            answer = client.post(f"/api/conversations/{id}/messages", json={"text": "Count."})
            got.append(answer.text)

        talking = threading.Thread(target=talk)
        talking.start()
        deadline = time.monotonic() + 10
        message = None
        while time.monotonic() < deadline:
            messages = client.get(f"/api/conversations/{id}").json()["messages"]
            message = next((one for one in messages if one["role"] == "assistant" and one["text"]), None)
            if message:
                break
            time.sleep(0.05)
        assert message is not None
        assert message["status"] == "streaming"  # the text so far can be read while it comes
        stopped = client.post(f"/api/conversations/{id}/messages/{message['id']}/stop").json()
        assert stopped["status"] == "stopped"
        talking.join(10)
        events = events_of(got[0])
        assert [name for name, _ in events][-2:] == ["done", "end"]
        assert events[-2][1]["message"]["status"] == "stopped"
        client.close()


def test_a_killed_server_leaves_what_was_said_as_stopped(tmp_path: Path, client: TestClient) -> None:
    begun = begin(client)
    say(client, begun["id"], "Hello")
    store = Store(tmp_path / "studio" / "studio.sqlite", ())
    store.write("UPDATE messages SET status = 'streaming', text = 'half a' WHERE role = 'assistant'")
    store.close()
    with client_of(tmp_path) as again:
        message = again.get(f"/api/conversations/{begun['id']}").json()["messages"][-1]
        assert (message["status"], message["text"]) == ("stopped", "half a")


def test_two_users_never_see_each_others_conversations(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        keys = [client.post("/api/keys", json={"name": name}).json()["key"] for name in ("ada", "bo")]
        client.post("/api/personas", json={"persona": ADA})
    with client_of(tmp_path, needs_key=True) as client:
        ada, bo = ({"authorization": f"Bearer {key}"} for key in keys)
        body = {"seats": [{"kind": "persona", "persona": "ada"}], "title": "private"}
        id = client.post("/api/conversations", json=body, headers=ada).json()["id"]
        said = events_of(client.post(f"/api/conversations/{id}/messages", json={"text": "my secret"}, headers=ada).text)
        mid = said[0][1]["message"]["id"]
        assert client.get("/api/conversations", headers=ada).json()["total"] == 1
        assert client.get("/api/conversations", headers=bo).json() == {"items": [], "next": None, "total": 0}
        assert client.get("/api/conversations?q=secret", headers=bo).json()["total"] == 0
        attempts = [
            ("GET", f"/api/conversations/{id}", None),
            ("PATCH", f"/api/conversations/{id}", {"title": "mine"}),
            ("DELETE", f"/api/conversations/{id}", None),
            ("POST", f"/api/conversations/{id}/messages", {"text": "hello"}),
            ("POST", f"/api/conversations/{id}/messages/{mid}/replies", {}),
            ("POST", f"/api/conversations/{id}/messages/{mid}/stop", None),
            ("GET", f"/api/conversations/{id}/export", None),
        ]
        for method, path, sent in attempts:
            answer = client.request(method, path, json=sent, headers=bo)
            assert answer.status_code == 404, (method, path)
            assert "secret" not in answer.text
        own = client.post("/api/conversations", json={"seats": [{"kind": "model"}]}, headers=bo).json()["id"]
        answer = client.post(f"/api/conversations/{own}/messages/{mid}/replies", json={}, headers=bo)
        assert answer.status_code == 404
        answer = client.post(f"/api/conversations/{own}/messages", json={"text": "x", "parent": mid}, headers=bo)
        assert answer.status_code == 404


def test_lists_are_paged_and_searched(client: TestClient) -> None:
    ids = [begin(client, title=f"talk {number}")["id"] for number in range(5)]
    first = client.get("/api/conversations?limit=2").json()
    assert [one["id"] for one in first["items"]] == ids[:2:-1]
    second = client.get(f"/api/conversations?limit=9&cursor={first['next']}").json()
    assert [one["id"] for one in second["items"]] == ids[2::-1]
    assert second["next"] is None
    say(client, ids[0], "the word is xylophone")
    found = client.get("/api/conversations?q=Xylophone").json()
    assert [one["id"] for one in found["items"]] == [ids[0]]
    assert client.get("/api/conversations?cursor=nonsense~").status_code == 400


def test_a_conversation_is_exported_and_deleted(client: TestClient) -> None:
    begun = begin(client)
    say(client, begun["id"], "Tea?")
    say(client, begun["id"], "Coffee?", parent=None)
    rows = client.get(f"/api/conversations/{begun['id']}/export?format=jsonl").text.splitlines()
    assert [orjson.loads(row)["messages"][0]["content"] for row in rows] == ["Tea?", "Coffee?"]
    page = client.get(f"/api/conversations/{begun['id']}/export?format=markdown")
    assert "SIMULATED" in page.text
    assert page.headers["content-disposition"].startswith("attachment")
    assert client.get(f"/api/conversations/{begun['id']}/export").json()["title"] == "Tea? (Ada)"
    assert client.delete(f"/api/conversations/{begun['id']}").status_code == 204
    assert client.get(f"/api/conversations/{begun['id']}").status_code == 404


@pytest.mark.parametrize(
    "seats",
    [
        [{"kind": "persona"}],
        [{"kind": "persona", "persona": "nobody"}],
        [{"kind": "persona", "persona": "ada", "version": 9}],
        [{"kind": "model", "model": "openai/gpt-4o"}],
        [{"kind": "model", "model": "http://169.254.169.254/v1#x"}],
        [{"kind": "model", "model": "replay//etc"}],
        [{"kind": "persona", "persona": "ada", "renderer": "none"}],
        [{"kind": "robot"}],
        [{"kind": "model", "id": "a"}, {"kind": "model", "id": "a"}],
    ],
)
def test_seats_that_cannot_be_are_refused(client: TestClient, seats: list[dict[str, Any]]) -> None:
    answer = client.post("/api/conversations", json={"seats": seats})
    assert answer.status_code in (404, 422)
    assert answer.json()["error"]["message"]


def test_seats_keep_their_ids_when_they_change(client: TestClient) -> None:
    begun = begin(client)
    kept = [{"id": seat["id"], "kind": seat["kind"], "persona": seat["persona"]} for seat in begun["seats"]]
    changed = client.patch(
        f"/api/conversations/{begun['id']}", json={"seats": [*kept, {"kind": "model", "name": "bare"}]}
    ).json()
    assert [seat["id"] for seat in changed["seats"]][:2] == [seat["id"] for seat in begun["seats"]]
    assert len({seat["id"] for seat in changed["seats"]}) == 3


def test_asking_a_seat_again_beside_the_branch_leaves_the_branch_shown(client: TestClient) -> None:
    client.post("/api/personas", json={"persona": {"name": "Bo"}})
    begun = begin(client, {"kind": "persona", "persona": "ada"}, {"kind": "persona", "persona": "bo"})
    ada, bo = (seat["id"] for seat in begun["seats"][1:])
    first = say(client, begun["id"], "Tea?", reply_from=[ada])
    leaf = say(client, begun["id"], "And?", parent=first[-1][1]["leaf"], reply_from=[ada])[-1][1]["leaf"]
    path = f"/api/conversations/{begun['id']}/messages/{first[0][1]['message']['id']}/replies"
    beside = events_of(client.post(path, json={"reply_from": [bo], "is_shown": False}).text)
    assert beside[-1][1]["leaf"] == leaf
    assert client.get(f"/api/conversations/{begun['id']}").json()["leaf"] == leaf
    assert beside[-2][1]["message"]["seat"] == bo


def test_who_left_keeps_the_name(client: TestClient) -> None:
    begun = begin(client)
    say(client, begun["id"], "Tea?")
    client.patch(f"/api/conversations/{begun['id']}", json={"seats": [begun["seats"][0], {"kind": "model"}]})
    assert "**Ada** (version 1, sim)" in client.get(f"/api/conversations/{begun['id']}/export?format=markdown").text


def test_a_conversation_is_called_after_what_was_said_first_unless_it_was_named(client: TestClient) -> None:
    begun = begin(client)
    say(client, begun["id"], "Do you  like\ntea?")
    say(client, begun["id"], "And coffee?", parent=None)
    named = begin(client, title="Pilot 3")
    say(client, named["id"], "Do you like tea?")
    titles = {one["id"]: one["title"] for one in client.get("/api/conversations").json()["items"]}
    assert titles == {begun["id"]: "Do you like tea? (Ada)", named["id"]: "Pilot 3"}


def test_an_answer_says_whether_it_keeps_the_level_that_was_asked_for(tmp_path: Path) -> None:
    hard = "The administration of unprecedented institutional responsibilities necessitates extraordinary deliberation."
    with ChatServer(hard) as server, client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        begun = begin(client, {"kind": "model", "reading_level": "easy"}, {"kind": "model"})
        easy, free = (data["message"] for name, data in say(client, begun["id"], "Go") if name == "done")
    by_level = {one["played"]["reading_level"]: one["reading"] for one in (easy, free)}
    assert by_level["easy"]["most"] == MOST_GRADE["easy"] < by_level["easy"]["grade"]
    assert by_level["free"]["most"] is None


def test_texts_that_are_not_latin_have_no_school_grade() -> None:
    assert reading_of("أنا أربي النحل خلف المدرسة القديمة وأبيع العسل")["grade"] is None
    assert reading_of("I keep bees behind the old school.")["grade"] is not None
