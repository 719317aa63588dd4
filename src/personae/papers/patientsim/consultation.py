"""A consultation: a doctor asks one question at a time, a patient answers as the persona it is, and a list ends it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template

from personae.model import Message, Model, ProviderError, Request, Sampling, Status
from personae.papers.patientsim.axes import AxisTexts
from personae.papers.patientsim.profiles import Profile, names_of
from personae.papers.patientsim.prompts import CLOSING, FADING_PROMPT, OPENING
from personae.papers.patientsim.settings import PatientSimSettings
from personae.text import sentences as split_sentences

MOST_DIAGNOSES = 5
LONGEST_SENTENCE = 20
_CALMING_PER_STEP = 2
_FADES = {"high": "moderate", "moderate": "normal", "normal": "normal"}
_CALMING = re.compile(
    r"\b(?:you['’]?re safe|you are safe|take your time|don['’]t worry|do not worry|it['’]s (?:all )?(?:okay|ok"
    r"|all right|alright)|we['’]re here|we are here|calm|reassure|breathe|in good hands|we['’]ll (?:help|take care)"
    r"|no rush|i understand)\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"\[DDX\](?P<list>.*)", re.IGNORECASE | re.DOTALL)
_MARK = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.):])\s*")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer."""

    question: str
    answer: str
    dazed: str
    """How dazed the prompt made the patient at this point."""


@dataclass(frozen=True, slots=True)
class Consultation:
    """What was said, and what the doctor thinks it is."""

    exchanges: tuple[Exchange, ...]
    diagnoses: tuple[str, ...]
    by_doctor: bool
    """Whether the doctor ended it, and not the number of rounds."""
    status: Status
    detail: str = ""

    @property
    def text(self) -> str:
        """The consultation as somebody reads it who rates it."""
        return "\n".join(f"Doctor: {one.question}\nPatient: {one.answer}" for one in self.exchanges)

    @property
    def transcript(self) -> tuple[Message, ...]:
        """The same as messages; the doctor asks."""
        return tuple(
            message
            for one in self.exchanges
            for message in (Message("user", one.question), Message("assistant", one.answer))
        )


def sentences(text: str) -> list[str]:
    """Sentences of a reply, as they are counted and judged.

    Example:
        >>> sentences("It hurts. Here, on the left! Why?")
        ['It hurts.', 'Here, on the left!', 'Why?']
        >>> sentences("The fever was 39.5 degrees, Dr. Hill said.")
        ['The fever was 39.5 degrees, Dr. Hill said.']
    """
    return [one for one in split_sentences(text) if re.search(r"\w", one)]


def read_diagnoses(text: str) -> tuple[str, ...] | None:
    r"""The doctor's list, five at most; ``None`` if there is none.

    Example:
        >>> read_diagnoses("[DDX]\n1. Stroke\n2. Migraine")
        ('Stroke', 'Migraine')
        >>> read_diagnoses("Where does it hurt?") is None
        True
    """
    match = _LIST.search(text)
    if match is None:
        return None
    body = match["list"].strip(" :\n")
    lines = body.splitlines() if "\n" in body else re.split(r"[,;]", body)
    listed = [_MARK.sub("", line).strip(" .*") for line in lines]
    return tuple(one for one in listed if one)[:MOST_DIAGNOSES]


def rank_of(diagnosis: str, listed: Sequence[str]) -> int | None:
    """Place of the diagnosis in the list, the first being 1; another name of it counts.

    Example:
        >>> rank_of("cerebral infarction", ["Migraine", "Acute stroke"])
        2
    """
    for place, one in enumerate(listed, start=1):
        said = re.sub(r"[^a-z0-9 ]", " ", one.casefold())
        if any(re.search(rf"\b{re.escape(name)}\b", said) for name in names_of(diagnosis)):
            return place
    return None


async def consult(
    doctor: Model,
    patient: Model,
    *,
    profile: Profile,
    levels: Mapping[str, str],
    axes: AxisTexts,
    words: Mapping[str, str],
    settings: PatientSimSettings,
) -> Consultation:
    """Let the two talk until the doctor has a list, or the questions are used up and the list is asked for."""
    basics = f"- age: {profile.age}\n- gender: {profile.gender}\n- arrival: {profile.arrival_transport or 'unknown'}"
    told = Template(settings.doctor_prompt).safe_substitute(basics=basics, rounds=settings.rounds)
    doctors = [Message("system", told), Message("user", "(The patient is here.)"), Message("assistant", OPENING)]
    said: list[Message] = []
    exchanges: list[Exchange] = []
    question, dazed, calming = OPENING, levels["dazed"], 0
    for number in range(settings.rounds):
        if settings.dazed_by == "rounds" and _CALMING.search(question):
            calming += 1
            if calming % _CALMING_PER_STEP == 0:
                dazed = _FADES[dazed]
        system = patient_prompt(profile, levels, dazed, axes, words, settings)
        said.append(Message("user", question))
        answer, status, detail = await _say(patient, [Message("system", system), *said], settings.patient_temperature)
        if status != "ok":
            return Consultation(tuple(exchanges), (), False, status, f"patient, round {number + 1}: {detail}")
        said.append(Message("assistant", answer))
        exchanges.append(Exchange(question, answer, dazed))
        doctors.append(Message("user", answer))
        if number == settings.rounds - 1:
            break
        question, status, detail = await _say(doctor, doctors, settings.doctor_temperature)
        if status != "ok":
            return Consultation(tuple(exchanges), (), False, status, f"doctor, round {number + 2}: {detail}")
        doctors.append(Message("assistant", question))
        listed = read_diagnoses(question)
        if listed is not None:
            return Consultation(tuple(exchanges), listed, True, "ok")
    doctors[-1] = Message("user", f"{doctors[-1].content}\n\n({CLOSING})")
    last, status, detail = await _say(doctor, doctors, settings.doctor_temperature)
    listed = read_diagnoses(last) if status == "ok" else None
    # A doctor without a list is counted (`listed`); what the patient said stands.
    return Consultation(tuple(exchanges), listed or (), False, "ok", detail)


def patient_prompt(
    profile: Profile,
    levels: Mapping[str, str],
    dazed: str,
    axes: AxisTexts,
    words: Mapping[str, str],
    settings: PatientSimSettings,
) -> str:
    """Write who the patient is at this point."""
    described = axes.describe({**levels, "dazed": dazed}, words)
    if settings.dazed_by == "prompt" and levels["dazed"] == "high":
        described["dazed"] = Template(FADING_PROMPT).substitute(axes.texts["dazed"])
    return Template(settings.patient_prompt).safe_substitute(
        {**described, "profile": profile.shown(), "sentences": axes.sentences[levels["personality"]]}
    )


async def _say(model: Model, messages: Sequence[Message], temperature: float) -> tuple[str, Status, str]:
    try:
        reply = await model.generate(Request(tuple(messages), Sampling(temperature=temperature)))
    except ProviderError as error:
        if error.is_hopeless:
            raise
        return "", "failed", str(error)
    if reply.refusal:
        return reply.refusal, "refused", "the endpoint reports a refusal"
    text = reply.text.strip()
    return (text, "ok", "") if text else ("", "empty", "said nothing")
