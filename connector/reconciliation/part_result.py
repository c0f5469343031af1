"""What one part of a run came to: a value that adds up with those of the other parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connector.reconciliation.bearings import Facts
from connector.reconciliation.differences import Break, Explained, Pending
from connector.reconciliation.identities import Sum, SumKey
from connector.reconciliation.match_pieces import MatchPiece
from connector.reconciliation.part_facts import WholeFacts
from connector.reconciliation.payment_states import InvoiceState, StateKey


class Equation(StrEnum):
    """The sums of a part, by the comparison that made them."""

    ORDERS = "orders"
    BILLING = "billing"
    PAYMENTS = "payments"
    FEES = "fees"
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class PartResult:
    """
    Everything that comes of the records of one part.

    ``sums`` are the terms of its identities. ``states`` count invoices, ``invoices`` are those
    worth naming. ``facts`` lead to the bearings, ``of_whole`` is judged when all is added up.
    ``valid_until`` is the last key date, from that of the evaluation on, for which the same
    records come to the same but for the days that differences are old; None is for ever.
    """

    sums: Mapping[Equation, Mapping[SumKey, Sum]] = field(default_factory=dict)
    explained: tuple[Explained, ...] = ()
    pending: tuple[Pending, ...] = ()
    breaks: tuple[Break, ...] = ()
    matches: MatchPiece = field(default_factory=MatchPiece)
    states: Mapping[StateKey, tuple[int, Decimal, Decimal]] = field(default_factory=dict)
    invoices: tuple[InvoiceState, ...] = ()
    facts: Facts = field(default_factory=Facts)
    of_whole: WholeFacts = field(default_factory=WholeFacts)
    valid_until: date | None = None
