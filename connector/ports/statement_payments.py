"""
Payments posted from bank lines and payouts, as the use cases need them from the store.

One record per line that money came in on, known by the line's own key for good: a line that comes
again finds its record. What a person decides about it is an event beside it; records are never
deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from connector.ports.step_state import StepState
from connector.ports.store import Steps
from connector.ports.store_records import Step
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import AccountingDocumentKey, IncomingPayment
from connector.sd_documents.values import Money


class LineKind(StrEnum):
    """Where money came in."""

    BANK_LINE = "bank line"
    PAYOUT_LINE = "payout line"


class PaymentState(StrEnum):
    """How far the payment of a line has come."""

    #: More than an exact match: a person decides.
    PROPOSED = "proposed"
    #: An exact match: it is posted by itself.
    READY = "ready"
    #: A person has released it; it is posted.
    RELEASED = "released"
    #: The ERP refused it, or nobody knows what it has: a person decides.
    HELD = "held"
    POSTED = "posted"
    #: A person has refused it: it is never posted.
    REFUSED = "refused"
    #: Somebody else has posted it, or it turned out to be no payment of a customer.
    SETTLED = "settled"


#: Whose payment is to be posted by the connector.
TO_POST: Final = frozenset({PaymentState.READY, PaymentState.RELEASED})
#: What waits for a person.
WAITING: Final = frozenset({PaymentState.PROPOSED, PaymentState.HELD})


class Way(StrEnum):
    """How a payment may be posted."""

    #: It pays its items to the cent, a discount earned included.
    EXACT = "exact"
    #: Less was paid: nothing is cleared, the payment stands beside its invoice.
    PARTIAL = "partial"
    #: Less was paid: the items are cleared, the rest becomes an item of its own.
    RESIDUAL = "residual"
    #: Less was paid, within what is tolerated: the rest is written off.
    SMALL_DIFFERENCE = "small difference"
    #: More was paid: the items are cleared, the surplus stays on account.
    SURPLUS = "surplus on account"
    #: Nothing is cleared: all of it stays on the payer's account.
    ON_ACCOUNT = "on account"


class Candidate(Frozen):
    """
    An open item that the line may pay. ``open`` is what is left of it, ``discount`` what of it
    was earned by the day of payment.
    """

    key: AccountingDocumentKey
    customer: str
    open: Money
    discount: Money


class Posting(Frozen):
    """One way in which the payment of a line may be posted, ready to be sent."""

    way: Way
    payment: IncomingPayment


class Suggestion(Frozen):
    """
    What was found out about a line.

    ``subject`` is what people call it. ``payer`` is the customer, empty where nobody can tell.
    ``difference`` is what the amount falls short of the candidates (below zero: exceeds them).
    ``postings`` are the ways open to a person, the one that the rules of finance prefer is
    ``preferred``; both are empty where the connector cannot post it. ``flow_id`` and
    ``payment_id`` are filled for a payment that a channel reported: its own step posts it.
    ``flows`` are the orders whose invoices are paid. ``gl_account`` is filled where money may go to
    the account of a payer whom a person names.
    """

    subject: str
    company_code: str
    amount: Money
    booked_on: date
    reference: str
    payer: str = ""
    rule: str = ""
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()
    difference: Money | None = None
    fee: Money | None = None
    postings: tuple[Posting, ...] = ()
    preferred: Way | None = None
    flow_id: int | None = None
    payment_id: str = ""
    flows: tuple[int, ...] = ()
    gl_account: str = ""

    def posting(self, way: Way) -> IncomingPayment | None:
        """Return what is posted in *way*, None where that way is not open."""
        return next((each.payment for each in self.postings if each.way is way), None)


class Found(Frozen):
    """A line with what was found out about it, and whether it is posted by itself."""

    key: str
    kind: LineKind
    suggestion: Suggestion
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class StatementPayment:
    """
    The record of a line.

    ``way`` is how it is posted, empty while that is not decided. ``decided_by`` and ``comment``
    are those of the last decision; ``document`` is the FI document, empty until there is one.
    ``step_state`` is how far its own step has come, empty where it has none yet.
    """

    id: int
    key: str
    kind: LineKind
    state: PaymentState
    suggestion: Suggestion
    found_at: datetime
    way: Way | None = None
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    comment: str = ""
    document: str = ""
    step_state: StepState | None = None

    @property
    def is_final(self) -> bool:
        return self.state in (PaymentState.POSTED, PaymentState.REFUSED, PaymentState.SETTLED)


class PaymentSteps(Steps, Protocol):
    """Steps of which each belongs to a record."""

    def of_payment(self, payment_id: int) -> Step | None:
        """Return the step of a record, None while it has none."""
        ...


class StatementPayments(Protocol):
    """The records of lines. Every method is one transaction."""

    @property
    def steps(self) -> PaymentSteps:
        """
        The steps that post bank lines: those of flows, but each belongs to a record.

        What is called flow id there is the id of the record, and a hold is one of the record.
        """
        ...

    def keep(self, found: Sequence[Found], *, now: datetime) -> tuple[StatementPayment, ...]:
        """
        Keep what was found and return the records.

        A new line gets a record. Of one that is proposed or ready, and whose step has nothing
        under way, what was found replaces what was found before; all others stay as they are.
        """
        ...

    def find(
        self, states: Collection[PaymentState] = (), *, limit: int | None = None
    ) -> tuple[StatementPayment, ...]:
        """Return the records in *states* (none: all), the newest first."""
        ...

    def get(self, payment_id: int) -> StatementPayment:
        """Return one record. Raises KeyError."""
        ...

    def decide(
        self,
        payment_id: int,
        state: PaymentState,
        *,
        by: str,
        comment: str,
        now: datetime,
        way: Way | None = None,
        suggestion: Suggestion | None = None,
    ) -> StatementPayment:
        """
        Keep that *by* releases or refuses a record that waits for a person.

        Raises:
            KeyError: there is no such record.
            ValueError: it does not wait for a person any more; the text says how it stands.
        """
        ...

    def end(
        self,
        payment_id: int,
        state: PaymentState,
        *,
        reason: str,
        now: datetime,
        document: str = "",
    ) -> None:
        """Note how a record ended, or why it is held; one that is final stays as it is."""
        ...
