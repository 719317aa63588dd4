"""A drawing of a persona: an SVG, the same for the same content, of plain shapes, so that it shows nobody real."""

from __future__ import annotations

import hashlib
from html import escape

from personae.persona import BIG_FIVE, Persona

_SKY = ("#dbe7f3", "#e8e2f4", "#f6e6dc", "#def0e4", "#f5efd6", "#e3ecec")
_SKIN = ("#f2c9a8", "#e0ac83", "#c68a5f", "#a56b43", "#7d4e2f", "#5b3820")
_HAIR = ("#2b2118", "#4a3322", "#7a4f2b", "#a9713a", "#8c8c8c", "#d8c9a3", "#5c2e2e")
_CLOTHES = ("#33658a", "#86525e", "#4f772d", "#6a4c93", "#b5651d", "#2a6f6b", "#8d3b3b", "#3d405b")


def draw_avatar(persona: Persona) -> str:
    """Draw a persona.

    Colours and cut come from the hash of the content; the face from its traits: the mouth from extraversion and
    neuroticism, the brows from agreeableness, the collar from conscientiousness, the ring around the head from
    openness; grey hair from an age of 60. The drawing says nothing about how anybody looks.

    Example:
        >>> draw_avatar(Persona(name="Ada")) == draw_avatar(Persona(name="Ada"))
        True
    """
    digest = hashlib.sha256(persona.hash.encode()).digest()
    sky, skin, clothes = (_pick(colours, digest[i]) for i, colours in enumerate((_SKY, _SKIN, _CLOTHES)))
    age = persona.demographics.age
    hair = "#b9b9b9" if age is not None and age >= 60 else _pick(_HAIR, digest[3])
    extraversion, agreeableness, conscientiousness, neuroticism, openness = (
        max(-2.0, min(2.0, persona.traits.get(trait, 0.0))) for trait in BIG_FIVE
    )
    smile = 1.6 * extraversion - 1.2 * neuroticism + 2.0
    brow = 1.2 * agreeableness
    width = 15 + digest[4] % 4
    parts = [
        f'<rect width="64" height="64" rx="12" fill="{sky}"/>',
        _ring(openness, clothes),
        f'<path d="M8 64c0-13 10-19 24-19s24 6 24 19z" fill="{clothes}"/>',
        _collar(conscientiousness),
        f'<rect x="27" y="36" width="10" height="12" rx="4" fill="{skin}"/>',
        _hair_behind(digest[5], hair),
        f'<ellipse cx="32" cy="28" rx="{width - 2}" ry="{width}" fill="{skin}"/>',
        _hair_before(digest[5], hair, width),
        f'<path d="M24 {25 - brow:.1f}q3 -2 5 0M35 {25 - brow:.1f}q2 -2 5 0" fill="none" stroke="{hair}" '
        'stroke-width="1.4" stroke-linecap="round"/>',
        '<circle cx="26.5" cy="29" r="1.7" fill="#22201e"/><circle cx="37.5" cy="29" r="1.7" fill="#22201e"/>',
        f'<path d="M27 36q5 {smile:.1f} 10 0" fill="none" stroke="#7a3b34" stroke-width="1.6" stroke-linecap="round"/>',
    ]
    if digest[6] % 4 == 0:
        parts.append(
            '<g fill="none" stroke="#3b3b3b" stroke-width="1"><circle cx="26.5" cy="29" r="4"/>'
            '<circle cx="37.5" cy="29" r="4"/><path d="M30.5 29h3"/></g>'
        )
    title = escape((persona.name or persona.id)[:120], quote=True)
    title = "".join(letter for letter in title if letter.isprintable())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">'
        f"<title>{title}</title>{''.join(part for part in parts if part)}</svg>"
    )


def _pick(colours: tuple[str, ...], number: int) -> str:
    return colours[number % len(colours)]


def _ring(openness: float, colour: str) -> str:
    if openness < 0.5:
        return ""
    return f'<circle cx="32" cy="28" r="24" fill="none" stroke="{colour}" stroke-width="1.5" stroke-dasharray="2 4"/>'


def _collar(conscientiousness: float) -> str:
    if conscientiousness < 0.5:
        return ""
    return '<path d="M25 46l7 8 7-8-3-2h-8z" fill="#f7f7f4"/>'


def _hair_behind(cut: int, colour: str) -> str:
    if cut % 3:
        return ""
    return f'<path d="M15 48c-3-30 4-36 17-36s20 6 17 36c-4 2-30 2-34 0z" fill="{colour}"/>'


def _hair_before(cut: int, colour: str, width: int) -> str:
    left, right = 32 - width, 32 + width
    shapes = (
        f"M{left + 1} 26c0-20 {2 * width - 2}-20 {2 * width - 2} 0-6-8-{2 * width - 14}-8-{2 * width - 2} 0z",
        f"M{left + 2} 24c2-16 24-18 {right - left - 4} 0-9-3-12-7-16-7-3 4-8 6-{right - left - 20} 7z",
        f"M{left + 1} 25c1-15 12-17 16-15 8-2 13 4 {width - 2} 15-4-6-8-8-14-8s-12 3-16 8z",
        f"M{left + 3} 21c4-12 20-12 {right - left - 6} 0-8-3-18-3-{right - left - 6} 0z",
    )
    return f'<path d="{shapes[cut % len(shapes)]}" fill="{colour}"/>'
