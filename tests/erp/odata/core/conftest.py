"""One service per test, on a socket of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from connector.clock import ManualClock
from tests.erp.http.wire_server import Received, Reply, WireServer
from tests.erp.odata.core.gateway import START, Gateway, World

Worlds = Callable[..., tuple[World, Gateway]]


@pytest.fixture
def world_of() -> Iterator[Worlds]:
    """Make a world of the function that answers, the gateway's manners, and options."""
    with ExitStack() as stack:

        def make(
            answer: Callable[[Received], Reply],
            options: dict[str, Any] | None = None,
            **manners: Any,
        ) -> tuple[World, Gateway]:
            gateway = Gateway(answer, **manners)
            server = stack.enter_context(WireServer(gateway))
            world = World(server, ManualClock(START), options or {})
            stack.callback(world.close)
            return world, gateway

        yield make
