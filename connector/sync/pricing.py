"""Let the ERP price an order before it is created, and compare that with what the channel says."""

from __future__ import annotations

from collections.abc import Callable

from connector.errors import RejectedError
from connector.mappings.amounts import compare_totals
from connector.mappings.external_order import ExternalOrder
from connector.mappings.problems import Problem
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument

#: Prices a document in the ERP without saving it: all that a dry run may ask of it.
Simulate = Callable[[SalesDocument], PostedSalesDocument]


def price(
    order: ExternalOrder, document: SalesDocument, simulate: Simulate
) -> tuple[PostedSalesDocument | None, tuple[Problem, ...]]:
    """
    Return what the ERP makes of *document*, and what speaks against creating it.

    The priced document is empty when the ERP refuses to price it. Raises TransientError when the
    ERP could not answer.
    """
    try:
        priced = simulate(document)
    except RejectedError as error:
        # The ERP says the same of each item that it concerns.
        text = "; ".join(dict.fromkeys(map(str, error.messages))) or str(error)
        return None, (Problem(code=error.code, message=f"the ERP cannot price the order: {text}"),)
    return priced, compare_totals(order, priced)
