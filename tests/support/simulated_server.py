"""The simulated respondent behind a server that can misbehave: real HTTP, known truth, planned faults."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from typing import Any

from personae.model.wire import reply_body
from personae.respondent import SimSettings, SimulatedRespondent
from personae.respondent.server import read_request
from support.chat_server import Act

Fault = Callable[[int, Mapping[str, Any]], "Act | None"]
"""What goes wrong with a request, by its number (0 first) and body; ``None`` lets it be answered."""


def simulated_answers(
    settings: SimSettings | None = None, fault: Fault | None = None
) -> Callable[[dict[str, Any]], Any]:
    """An answer function for a chat server: the respondent's reply, unless something is to go wrong."""
    respondent = SimulatedRespondent(settings or SimSettings())
    numbers, lock = itertools.count(), threading.Lock()

    def answer(body: dict[str, Any]) -> Any:
        with lock:
            number = next(numbers)
        act = fault(number, body) if fault is not None else None
        return act or reply_body(respondent.answer(read_request(body)), created=0)

    return answer
