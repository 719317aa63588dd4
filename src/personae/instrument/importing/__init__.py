"""Reading questionnaires and surveys in layouts of others; filling in texts that are not shipped."""

from personae.instrument.importing.detect import import_file
from personae.instrument.importing.fill import fill_instrument
from personae.instrument.importing.imported import Framing, Imported

__all__ = ["Framing", "Imported", "fill_instrument", "import_file"]
