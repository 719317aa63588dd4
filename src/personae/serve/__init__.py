"""The gateway and the studio: personas as models behind the OpenAI API, and the back end of the web app, in one app."""

from personae.serve.settings import ServeSettings

__all__ = ["ServeSettings"]
