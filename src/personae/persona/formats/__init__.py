"""Foreign formats: cards and what other tools keep of people, in and out, with a report of what did not fit."""

from personae.persona.formats.card import SLOT as CARD_SLOT
from personae.persona.formats.card_prompt import CardPrompt, compose_card, greetings_of, macros_of
from personae.persona.formats.exchange import (
    Written,
    convert_personas,
    file_name,
    goes_together,
    lost_files,
    read_personas,
    spell_own,
    write_personas,
)
from personae.persona.formats.lorebook import Lorebook, LoreEntry, lorebook_of, read_lorebook
from personae.persona.formats.loss import Loss, LossReport
from personae.persona.formats.macros import Macros
from personae.persona.formats.registry import FORMATS, OWN, detect_format
from personae.persona.formats.scanning import Insertion, Moment, Scan, Turn, estimate_tokens, scan_lorebook

__all__ = [
    "CARD_SLOT",
    "FORMATS",
    "OWN",
    "CardPrompt",
    "Insertion",
    "LoreEntry",
    "Lorebook",
    "Loss",
    "LossReport",
    "Macros",
    "Moment",
    "Scan",
    "Turn",
    "Written",
    "compose_card",
    "convert_personas",
    "detect_format",
    "estimate_tokens",
    "file_name",
    "goes_together",
    "greetings_of",
    "lorebook_of",
    "lost_files",
    "macros_of",
    "read_lorebook",
    "read_personas",
    "scan_lorebook",
    "spell_own",
    "write_personas",
]
