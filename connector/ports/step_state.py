"""
The states of a step and the only ways between them.

A step is the intent to create or change one ERP document. The rule that everything rests on:
nothing leads from IN_DOUBT back to SENT, so what may have been posted is looked for and never sent
again. The store refuses every edge that is not in :data:`TRANSITIONS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Operation(StrEnum):
    """What a step does in the ERP."""

    CREATE_INQUIRY = "create inquiry"
    CREATE_QUOTATION = "create quotation"
    CREATE_SALES_ORDER = "create sales order"
    CHANGE_QUOTATION = "change quotation"
    CHANGE_SALES_ORDER = "change sales order"
    CREATE_RETURNS_ORDER = "create returns order"
    CREATE_CREDIT_MEMO_REQUEST = "create credit memo request"
    CREATE_DEBIT_MEMO_REQUEST = "create debit memo request"
    CREATE_DELIVERY = "create delivery"
    POST_GOODS_ISSUE = "post goods issue"
    REVERSE_GOODS_ISSUE = "reverse goods issue"
    CREATE_BILLING_DOCUMENT = "create billing document"
    CANCEL_BILLING_DOCUMENT = "cancel billing document"
    RELEASE_BILLING_BLOCK = "release billing block"
    POST_PAYMENT = "post payment"


class StepState(StrEnum):
    """How far a step has come."""

    READY = "ready"
    #: A worker holds the lease; nothing has been said to the ERP.
    CLAIMED = "claimed"
    #: Reference and payload are durable.
    INTENT = "intent"
    #: The create may have left; nothing can be posted before the commit.
    SENT = "sent"
    #: The ERP named numbers, which do not exist before the commit.
    CREATED_UNCOMMITTED = "created, uncommitted"
    #: The commit may have left: from here on everything may have been posted.
    COMMIT_SENT = "commit sent"
    #: The ERP itself answered that it has posted nothing; passed through, never rested in.
    REFUSED = "refused"
    #: The ERP answered the commit and the document was read.
    READ_BACK = "read back"
    DONE = "done"
    #: Nothing was posted; the same again when it is due.
    RETRY_WAIT = "waiting to retry"
    #: Refused by the ERP or by a rule; a person must decide.
    REJECTED = "rejected"
    #: Posted or not: nobody knows before the ERP was looked through.
    IN_DOUBT = "in doubt"
    #: The look-up found several documents, or other content; a person must decide.
    AMBIGUOUS = "ambiguous"
    ABANDONED = "abandoned"


_S = StepState

TRANSITIONS: Final[dict[StepState, frozenset[StepState]]] = {
    _S.READY: frozenset({_S.CLAIMED, _S.ABANDONED}),
    _S.CLAIMED: frozenset({_S.INTENT, _S.RETRY_WAIT, _S.REJECTED}),
    _S.INTENT: frozenset({_S.SENT, _S.RETRY_WAIT, _S.REJECTED}),
    # A transport without a separate commit (OData, SOAP, a call that commits itself) goes straight
    # to COMMIT_SENT before its write leaves.
    _S.SENT: frozenset({_S.CREATED_UNCOMMITTED, _S.COMMIT_SENT, _S.RETRY_WAIT, _S.REJECTED}),
    _S.CREATED_UNCOMMITTED: frozenset({_S.COMMIT_SENT, _S.RETRY_WAIT, _S.REJECTED}),
    _S.COMMIT_SENT: frozenset({_S.READ_BACK, _S.IN_DOUBT, _S.REFUSED}),
    _S.REFUSED: frozenset({_S.RETRY_WAIT, _S.REJECTED}),
    _S.READ_BACK: frozenset({_S.DONE, _S.IN_DOUBT}),
    _S.IN_DOUBT: frozenset({_S.DONE, _S.RETRY_WAIT, _S.AMBIGUOUS}),
    _S.RETRY_WAIT: frozenset({_S.CLAIMED, _S.ABANDONED}),
    _S.REJECTED: frozenset({_S.READY, _S.ABANDONED}),
    # A person who has cleaned up lets the connector look again, or gives the step up.
    _S.AMBIGUOUS: frozenset({_S.IN_DOUBT, _S.ABANDONED}),
    _S.DONE: frozenset(),
    _S.ABANDONED: frozenset(),
}

#: A flow has at most one step in one of these states, by a unique partial index.
OCCUPYING: Final = frozenset(
    {
        _S.CLAIMED,
        _S.INTENT,
        _S.SENT,
        _S.CREATED_UNCOMMITTED,
        _S.COMMIT_SENT,
        _S.READ_BACK,
        _S.IN_DOUBT,
    }
)
#: A worker that died in one of these has posted nothing.
NOTHING_POSTED: Final = frozenset({_S.CLAIMED, _S.INTENT, _S.SENT, _S.CREATED_UNCOMMITTED})
#: A worker that died in one of these may have posted everything.
MAYBE_POSTED: Final = frozenset({_S.COMMIT_SENT, _S.READ_BACK})
#: Nothing more happens to a step in one of these.
FINAL: Final = frozenset({_S.DONE, _S.ABANDONED})
#: A worker may claim a step in one of these, once it is due.
CLAIMABLE: Final = frozenset({_S.READY, _S.RETRY_WAIT})


class IllegalTransitionError(RuntimeError):
    """A step was to be moved along an edge that does not exist: a defect, never retried."""

    def __init__(self, source: StepState, target: StepState) -> None:
        self.source, self.target = source, target
        allowed = ", ".join(sorted(TRANSITIONS[source])) or "nothing"
        super().__init__(f"a step cannot go from '{source}' to '{target}'; allowed: {allowed}")


def require_path(start: StepState, path: Iterable[StepState]) -> StepState:
    """Return where *path* ends; raises IllegalTransitionError at its first edge that is none."""
    state = start
    for target in path:
        if target not in TRANSITIONS[state]:
            raise IllegalTransitionError(state, target)
        state = target
    return state
