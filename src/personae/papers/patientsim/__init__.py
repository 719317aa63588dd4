"""[44] PatientSim (Kyung et al., 2025): patients of four axes, consulted, rated, and held against their cases."""

from personae.papers.patientsim.axes import patients, read_axes
from personae.papers.patientsim.consultation import Consultation, consult
from personae.papers.patientsim.paper import PAPER
from personae.papers.patientsim.profiles import Profile, draw_profiles, split_profiles
from personae.papers.patientsim.raters import assign_raters
from personae.papers.patientsim.replay import read_replay
from personae.papers.patientsim.settings import PatientSimSettings
from personae.papers.patientsim.study import PatientSim

__all__ = [
    "PAPER",
    "Consultation",
    "PatientSim",
    "PatientSimSettings",
    "Profile",
    "assign_raters",
    "consult",
    "draw_profiles",
    "patients",
    "read_axes",
    "read_replay",
    "split_profiles",
]
