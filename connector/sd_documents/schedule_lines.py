"""Schedule lines: when which part of an item is wanted, and when the ERP confirms it."""

from __future__ import annotations

from datetime import date

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Quantity


class ScheduleLine(Frozen):
    """
    One schedule line of an item.

    ``confirmed_quantity`` is empty until the ERP has answered; zero means nothing is confirmed.
    The two dates before delivery are empty unless the customer's agreement fixes them.
    """

    requested_delivery_date: date
    requested_quantity: Quantity
    material_availability_date: date | None = None
    goods_issue_date: date | None = None
    confirmed_quantity: Quantity | None = None
