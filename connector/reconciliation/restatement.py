"""
What a later run for the same key date shows otherwise, and because of which documents.

March still reads as March, unless somebody entered a document of March later. Such documents are
named, with the figures they changed; a figure that changed without them is named as well.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.reconciliation.differences import Scope
from connector.reconciliation.roll_forward import PreviousRun
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money


class LateDocument(Frozen):
    """A line that was entered after the earlier run, with a posting date until its key date."""

    document: str
    line_item: int
    document_type: str
    customer: str
    scope: Scope
    amount: Money
    posted_on: date
    entered_on: date


class ChangedFigure(Frozen):
    """
    One figure as it was and as it is. A side is empty where the run had no such figure.

    ``currency`` is empty for numbers of records.
    """

    name: str
    currency: str
    old: Decimal | None
    new: Decimal | None

    @property
    def change(self) -> Decimal:
        return (self.new or Decimal(0)) - (self.old or Decimal(0))


class Restatement(Frozen):
    """
    How this run differs from an earlier one for the same key date.

    ``unexplained`` is, per account, the part of the change of its open items that no late document
    accounts for, such as a clearing that was taken back.
    """

    earlier: PreviousRun
    figures: tuple[ChangedFigure, ...] = ()
    documents: tuple[LateDocument, ...] = ()
    unexplained: tuple[Money, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.figures or self.documents)
