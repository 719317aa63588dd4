"""The back end of the studio: what its pages ask, as JSON."""
