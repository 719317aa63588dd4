"""People answering instruments: themselves, or invited by a link; their answers are kept as a run keeps a model's."""
