"""The words that papers are filed under: the taxonomies of two surveys, [7] and [51], and our kinds.

[7] (*Two Tales of Persona in LLMs*) divides the field into giving a model a persona and adapting a model to a user's
persona, and adds the evaluation of personality. [51] (*From Persona to Personalization*) divides personas by what
they stand for, by where they come from, by how a model is given them, by how it is evaluated, and by what can go wrong.
Each term is defined in one sentence; `Tags` checks that a paper is filed under these terms and no others.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Term(StrEnum):
    """A word of a taxonomy with its definition."""

    definition: str

    def __new__(cls, value: str, definition: str) -> Term:
        """Make a member whose value is the word alone."""
        term = str.__new__(cls, value)
        term._value_ = value
        term.definition = definition
        return term


class Kind(Term):
    """What sort of system a paper is, after the leading words of its notes; ours, and no survey's."""

    PSYCHOMETRICS = "psychometrics", "Measures traits, values or attitudes by instruments."
    ROLE_PLAY = "role_play", "Has a model be someone and asks how well it is that one."
    BIAS_AUDIT = "bias_audit", "Compares what a model does for or as different groups."
    SAFETY = "safety", "Looks for harm that a persona causes or prevents."
    PRIVACY = "privacy", "Measures what becomes known that should not."
    PERSONALIZATION = "personalization", "Fits answers to one user."
    MEMORY = "memory", "Keeps what a user or a partner said and finds it again."
    DATA_SYNTHESIS = "data_synthesis", "Uses personas to write data."
    TRAINING = "training", "Changes weights."
    STEERING = "steering", "Reads or changes a model from inside, without training it."
    MULTI_AGENT = "multi_agent", "Lets several personas act on one another."
    ENVIRONMENT = "environment", "Puts personas into a world with states, tools or a procedure."
    USER_SIMULATION = "user_simulation", "Plays the user of another system."
    JUDGING = "judging", "Grades, compares or recognises."
    REASONING = "reasoning", "Asks whether personas help a model think."
    INTERFACE = "interface", "Is foremost something that people work with."
    SPEECH_VISION = "speech_vision", "Needs sound or pictures."
    POPULATION = "population", "Makes many personas."
    DETECTION = "detection", "Tells authors, roles or models from what they wrote."
    SURVEY = "survey", "Orders what others did."


class Branch(Term):
    """The two tales of [7], and what it adds to them."""

    ROLE_PLAYING = "role_playing", "A persona is given to the model."
    PERSONALIZATION = "personalization", "The model takes care of the user's persona."
    PERSONALITY_EVALUATION = "personality_evaluation", "The model's, or an author's, personality is assessed."


class Area(Term):
    """Where [7] finds each branch at work."""

    SOFTWARE = "software", "Role-playing in organisations and in the making of software."
    GAME = "game", "Role-playing in games and other staged worlds."
    MEDICAL = "medical", "Role-playing in medicine."
    JUDGE = "judge", "Role-playing as the judge of other models' work."
    RECOMMENDATION = "recommendation", "Personalisation of what is offered."
    SEARCH = "search", "Personalisation of what is found."
    EDUCATION = "education", "Personalisation of teaching."
    HEALTHCARE = "healthcare", "Personalisation of care."
    DIALOGUE = "dialogue", "Task-oriented or social talk with regard to the user's persona."
    GENERATION = "generation", "Personalised writing."
    BIG_FIVE = "big_five", "Evaluation on the five-factor model."
    MBTI = "mbti", "Evaluation on the sixteen types."
    OTHER_INVENTORY = "other_inventory", "Evaluation on other inventories, of values, morals, dark traits, politics."


class Agents(Term):
    """How many personas act, in [7]."""

    SINGLE = "single", "One persona acts."
    MULTI = "multi", "Several personas act on one another."


class Evaluator(Term):
    """Who evaluates, in [7]."""

    HUMAN = "human", "People rate, compare or answer."
    RULE = "rule", "A key, a formula or a classifier decides."
    MODEL = "model", "A language model rates or compares."


class PersonaType(Term):
    """What a persona stands for, in [51]."""

    DEMOGRAPHIC = "demographic", "A group of people, as statistics or stereotypes know it."
    CHARACTER = "character", "An established figure, real or invented."
    INDIVIDUALISED = "individualised", "One person, as known from what that person did or said."


class Source(Term):
    """Where personas come from; [51] names the sources by type, the words are ours."""

    STATISTICS = "statistics", "Surveys, censuses, inventories and lists of groups."
    WORKS = "works", "Books, scripts, encyclopedias and the web."
    INTERACTION = "interaction", "What users wrote, chose and did."
    LANGUAGE_MODEL = "language_model", "A language model wrote them."
    PEOPLE = "people", "People described themselves or wrote them for the purpose."


class Construction(Term):
    """How a model is given a persona, in [51]."""

    DESCRIPTION = "description", "The prompt says who the persona is."
    DEMONSTRATION = "demonstration", "The prompt shows what the persona says or does."
    PRETRAINING_KNOWLEDGE = "pretraining_knowledge", "The name or the cue suffices: the model knows the rest."
    RETRIEVAL_MEMORY = "retrieval_memory", "What the persona knows is looked up when it is needed."
    SUPERVISED_FINETUNING = "supervised_finetuning", "Weights are trained on examples or preferences."
    REINFORCEMENT_LEARNING = "reinforcement_learning", "Weights are trained on rewards or preferences over own output."
    SELF_PLAY = "self_play", "Personas or prompts improve by acting on their own output."
    INTERVENTION = "intervention", "Activations or next-token distributions are read or shifted; an addition to [51]."

    @property
    def is_parametric(self) -> bool:
        """Whether the persona lives in weights, [51]'s first division of methods."""
        return self in (Construction.SUPERVISED_FINETUNING, Construction.REINFORCEMENT_LEARNING)


class Evaluation(Term):
    """What is evaluated, in [51]: the first five for characters, the last three for individualised personas."""

    LINGUISTIC_STYLE = "linguistic_style", "Whether it sounds like the persona."
    KNOWLEDGE = "knowledge", "Whether it knows what the persona knows."
    PERSONALITY = "personality", "Whether it thinks and feels like the persona."
    HALLUCINATION = "hallucination", "Whether it says what the persona could not know."
    DECISION = "decision", "Whether it decides as the persona would."
    CONVERSATION = "conversation", "Whether talk with it is good for this user."
    RECOMMENDATION = "recommendation", "Whether it offers what this user wants."
    TASK_SOLVING = "task_solving", "Whether the task gets done."


class Risk(Term):
    """What can go wrong, in [51]."""

    TOXICITY = "toxicity", "It says or does harm."
    BIAS = "bias", "It treats or paints groups unfairly."
    HALLUCINATION = "hallucination", "It states what is not so."
    PRIVACY = "privacy", "It uses or reveals what is private."
    DEPLOYMENT = "deployment", "It fails or is misread outside the laboratory."


class Application(Term):
    """What [51] sees such agents used for."""

    COMPANION = "companion", "Someone to talk to."
    GAME = "game", "A figure in a game or a story."
    CLONE = "clone", "A digital twin of a person or of a group."
    COPILOT = "copilot", "A helper at work."


TAXONOMY: dict[str, type[Term]] = {
    "kinds": Kind,
    "branches": Branch,
    "areas": Area,
    "agents": Agents,
    "evaluators": Evaluator,
    "persona_types": PersonaType,
    "sources": Source,
    "construction": Construction,
    "evaluation": Evaluation,
    "risks": Risk,
    "applications": Application,
}
"""The vocabularies by the name of the field that holds their terms."""


class Tags(BaseModel):
    """Where a paper stands in the two taxonomies.

    ``branches`` and ``risks`` are never empty; the other lists are empty where a survey's division says nothing
    about the paper (a detector of machine-written text has no persona type).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    branches: tuple[Branch, ...]
    areas: tuple[Area, ...] = ()
    agents: tuple[Agents, ...] = ()
    evaluators: tuple[Evaluator, ...] = ()
    persona_types: tuple[PersonaType, ...] = ()
    sources: tuple[Source, ...] = ()
    construction: tuple[Construction, ...] = ()
    evaluation: tuple[Evaluation, ...] = ()
    risks: tuple[Risk, ...]
    applications: tuple[Application, ...] = ()
