"""What mapping makes of an external order: documents with their trace, payments, problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Generic, TypeVar

from pydantic import StringConstraints

from connector.mappings.external_order import ExternalOrder
from connector.mappings.missing_rows import MissingRow
from connector.mappings.problems import Notice, Problem
from connector.mappings.trace import FieldTrace
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import Remainder
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory, Money

__all__ = ["FieldTrace", "Mapped", "MappedOrder", "MappedPayment"]

DocumentT = TypeVar("DocumentT", bound=SalesDocument)


@dataclass(frozen=True, slots=True)
class Mapped(Generic[DocumentT]):
    """A document with the origin of each of its fields."""

    document: DocumentT
    trace: Sequence[FieldTrace]


class MappedPayment(Frozen):
    """
    A payment of the channel, ready to be posted once its invoice exists.

    ``reference`` identifies the payment in FI (16 characters); ``paid_on`` is the day in the
    company's calendar. ``remainder`` is what the channel wants done with a difference, empty where
    the plan decides.
    """

    payment_id: str
    gateway: str
    company_code: Annotated[str, StringConstraints(min_length=1, max_length=4)]
    bank_account: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    payer: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    amount: Money
    paid_on: date
    reference: Annotated[str, StringConstraints(min_length=1, max_length=16)]
    remainder: Remainder = Remainder.NONE


class MappedOrder(Frozen):
    """
    The outcome of mapping one order.

    With problems the order is to be held; documents that could be built are there all the same,
    so that a person sees how far it came. Notices hold nothing: they list what was not certain.
    Missing rows are those that tables lack, whatever was done about it.
    """

    order: ExternalOrder
    documents: tuple[Mapped[SalesDocument], ...] = ()
    payments: tuple[MappedPayment, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()
    missing_rows: tuple[MissingRow, ...] = ()

    def document(self, category: DocumentCategory) -> SalesDocument | None:
        """Return the document of *category*, None where it was not wanted or not possible."""
        return next((m.document for m in self.documents if m.document.category is category), None)

    @property
    def is_complete(self) -> bool:
        """Tell whether everything that was wanted is there and nothing holds it."""
        return not self.problems
