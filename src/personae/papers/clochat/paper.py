"""CloChat as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.clochat.claims import CLAIMS
from personae.papers.clochat.people import read_study
from personae.papers.clochat.report import PLAN
from personae.papers.clochat.settings import FULL, CloChatSettings
from personae.papers.clochat.study import CloChat
from personae.papers.paper import Paper


def make_study(parameters: Mapping[str, str]) -> CloChat:
    """Make the study from parameters as the command line gives them."""
    study = CloChat(CloChatSettings.read(parameters))
    _ = study.instrument  # a file that cannot be used is found before anybody is asked
    return study


PAPER = Paper(
    key="clochat",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=CloChatSettings.describe(),
    read_replay=read_study,
    roles={"subject": "the chat partner, plain or as a persona", "user": "plays the participants"},
    full=FULL,
)
