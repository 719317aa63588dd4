"""[107] User profiles: built from texts and behaviour, updated with evidence, scored field by field."""

from personae.papers.user_profile.edits import Edit, apply_edits, diff_profiles
from personae.papers.user_profile.history import Evidence, Fact, History
from personae.papers.user_profile.paper import PAPER
from personae.papers.user_profile.settings import UserProfileSettings
from personae.papers.user_profile.study import UserProfile

__all__ = [
    "PAPER",
    "Edit",
    "Evidence",
    "Fact",
    "History",
    "UserProfile",
    "UserProfileSettings",
    "apply_edits",
    "diff_profiles",
]
