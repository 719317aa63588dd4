"""Whom or what a representation is about: emotions of a scene, poles of traits, characters."""

from __future__ import annotations

NEGATIVE = ("anger", "anxiety", "fear", "guilt", "jealousy", "embarrassment", "frustration", "depression")
POSITIVE = ("calmness", "relaxation", "courage", "pride", "admiration", "confidence", "fun", "happiness")
EMOTIONS = (*NEGATIVE, *POSITIVE)

POLES: dict[str, str] = {
    "low_openness": "a conventional person who likes routine and what is familiar",
    "high_openness": "an imaginative, adventurous and creative person",
    "low_conscientiousness": "a spontaneous and careless person who is not very reliable",
    "high_conscientiousness": "an organized person who is thorough and attends to details",
    "low_extraversion": "a reserved and quiet person of little energy",
    "high_extraversion": "an outgoing person, full of energy and enthusiasm",
    "low_agreeableness": "a competitive and critical person who is suspicious of what others want",
    "high_agreeableness": "a compassionate and cooperative person",
    "low_neuroticism": "a calm, emotionally stable person of even moods",
    "high_neuroticism": "an anxious, moody and emotionally unstable person",
}
"""Ten poles, worded by personae after the published ones."""

PUBLISHED_POLES: dict[str, str] = {
    "routine": "low_openness",
    "adventurous": "high_openness",
    "spontaneous": "low_conscientiousness",
    "organized": "high_conscientiousness",
    "reserved": "low_extraversion",
    "full of energy": "high_extraversion",
    "competitive": "low_agreeableness",
    "compassionate": "high_agreeableness",
    "emotional stability": "low_neuroticism",
    "emotional instability": "high_neuroticism",
}
"""A word that tells which pole a published label means."""

HEROES = (
    "Harry Potter",
    "Luke Skywalker",
    "Indiana Jones",
    "James Bond",
    "Martin Luther King",
    "Winston Churchill",
    "Mahatma Gandhi",
    "Nelson Mandela",
)
VILLAINS = (
    "Hannibal Lecter",
    "Lord Voldemort",
    "Adolf Hitler",
    "Osama bin Laden",
    "Sauron",
    "Ursula",
    "Maleficent",
    "Darth Vader",
)
CHARACTERS = (*HEROES, *VILLAINS)

METHODS = ("qa", "biography", "portray")


def pole_of_label(label: str) -> str:
    """The pole that a published label means; the label itself if it means none."""
    return next((pole for word, pole in PUBLISHED_POLES.items() if word in label.lower()), label)
