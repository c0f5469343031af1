"""One module per family of functions; `ALL` is what the face offers."""

from __future__ import annotations

from connector.simulator.rfc.context import Handler
from connector.simulator.rfc.handlers import system

ALL: dict[str, Handler] = {**system.HANDLERS}
