"""Files that a browser is given: always to be saved, under a name that is ours."""

from __future__ import annotations

import re

from starlette.responses import Response


def download(data: bytes, name: str, kind: str) -> Response:
    """A file to be saved; the browser neither shows nor runs it.

    Example:
        >>> download(b"", 'a"b/../c.json', "application/json").headers["content-disposition"]
        'attachment; filename="a-b-c.json"'
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name.replace("..", "-")).strip("-.")[:120] or "file"
    plain = re.sub(r"-{2,}", "-", plain)
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{plain}"'})
