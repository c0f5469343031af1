"""
The same for as long as told: `make fuzz SECONDS=600`.

Each target gets its share of the time, and other examples each time it runs. What is found is
printed with the seed that finds it again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.resources import shipped
from tests.mappings.fuzz.arbitrary import DEEP, DOCUMENTS, EXPRESSIONS, NONSENSE, REPEATED
from tests.mappings.fuzz.checks import check_expression, check_message
from tests.mappings.test_arbitrary_messages import EDITS, edited

#: jmespath takes what is no JSON between backticks for text, and says that it will not for ever.
pytestmark = pytest.mark.filterwarnings(
    "ignore:deprecated string literal:PendingDeprecationWarning"
)

SECONDS = float(os.environ.get("SD_CONNECTOR_FUZZ_SECONDS", "60"))

ORDERS = shipped("fixtures/orders")
MESSAGES = {
    profile.stem: [path.read_bytes() for path in (ORDERS / profile.stem).glob("*/order.*")]
    for profile in sorted(shipped("config/channels").glob("*.yaml"))
}
TARGETS = ("expressions", *MESSAGES)

_BATCH = settings(
    max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def _expressions() -> Callable[[], None]:
    @_BATCH
    @given(EXPRESSIONS | NONSENSE | REPEATED, DOCUMENTS | DEEP)
    def batch(text: str, document: object) -> None:
        check_expression(text, document)

    return batch


def _messages(channel: str) -> Callable[[], None]:
    @_BATCH
    @given(st.sampled_from(MESSAGES[channel]), EDITS, st.floats(0, 1) | st.just(1.0))
    def batch(content: bytes, edits: list[tuple[float, int, bytes, bool]], cut: float) -> None:
        changed = edited(content, edits)
        check_message(channel, changed[: int(cut * len(changed)) + 1])

    return batch


@pytest.mark.fuzz
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_that_arrives_does_harm(target: str) -> None:
    batch = _expressions() if target == "expressions" else _messages(target)
    # Half of the time for the expressions, the other for all channels together.
    share = SECONDS / 2 if target == "expressions" else SECONDS / 2 / len(MESSAGES)
    until = time.monotonic() + share
    batch()
    while time.monotonic() < until:
        batch()
