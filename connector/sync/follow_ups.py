"""What follows the sales order: delivery, goods issue, billing, payment. Pure, like next_steps."""

from __future__ import annotations

from connector.sync.chain import is_complete, order_of
from connector.sync.changed_version import changed_version
from connector.sync.next_billing import billing
from connector.sync.next_delivery import delivery, goods_movement
from connector.sync.next_payment import payment
from connector.sync.next_return import correction
from connector.sync.next_steps import (
    AcceptVersion,
    Complete,
    NextStep,
    ReadChain,
    Reopen,
    Situation,
    Stop,
    Submit,
    Wait,
    requested_steps,
    sales_documents,
    unsettled_steps,
)

_FOLLOW_UPS = (goods_movement, delivery, billing, correction, payment)


def next_step(situation: Situation) -> NextStep:
    """Return the one thing to do next: something that can be done now before any wait."""
    for urgent in (*unsettled_steps(situation), *requested_steps(situation)):
        return urgent
    if sales := changed_version(situation) or sales_documents(situation):
        return sales
    if not situation.view.flow.is_mirrored:
        return ReadChain()
    if order_of(situation.view) is None:
        return Wait()
    return _earliest(
        [found for follow_up in _FOLLOW_UPS if (found := follow_up(situation)) is not None],
        situation,
    )


def _earliest(found: list[NextStep], situation: Situation) -> NextStep:
    for candidate in found:
        if isinstance(candidate, (Submit, Stop, Reopen, AcceptVersion, ReadChain)):
            return candidate
    waits = [wait for wait in found if isinstance(wait, Wait)]
    if not waits and is_complete(situation.view, situation.plan):
        return Complete()
    return Wait(min((wait.until for wait in waits if wait.until), default=None))
