"""
Orders that agree to the last cent, told at a glance: most of them do.

What is sold line by line, ordered item by item and billed in one piece each, all with the same
quantity, net and tax, has no gap that the detailed comparison could find. Anything else, and
anything that is not that plain, is left to it.
"""

from __future__ import annotations

from decimal import Decimal

from connector.mappings.external_order import ExternalLine
from connector.reconciliation.matching import BillingLine, OrderChain
from connector.reconciliation.mirror import MirroredLine
from connector.sd_documents.currency import round_amount
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem

ZERO = Decimal(0)


def agreed_gross(chain: OrderChain, order: PostedSalesDocument) -> Decimal | None:
    """
    Return what the channel says the customer owes where all of it was ordered and billed so.

    None says nothing: the order may agree nevertheless.
    """
    external, links = chain.mirrored.order, chain.mirrored.lines
    lines, stated = external.lines, external.totals.grand_total
    if stated is None or external.discounts or external.shipping:
        return None
    if not len(lines) == len(links) == len(order.items) == len(chain.invoiced):
        return None
    link_of = {link.line_id: link for link in links}
    item_of = {item.item_number: item for item in order.items}
    billed_of = {line.item.sales_document_item: line for line in chain.invoiced}
    gross = ZERO
    for line in lines:
        link = link_of.pop(line.line_id, None)
        if link is None:
            return None
        item = item_of.pop(link.item_number, None)
        billed = billed_of.pop(link.item_number, None)
        if item is None or billed is None or not _same_quantity(link, item, billed):
            return None
        amount = _agreed(
            line, item, billed, external.currency, taxes_included=external.taxes_included
        )
        if amount is None:
            return None
        gross += amount
    # Without any tax of a line, the channel may tell that of the whole order alone.
    agrees = any(line.taxes for line in lines) and (
        gross == stated == order.net_amount.amount + order.tax_amount.amount
    )
    return round_amount(stated, external.currency) if agrees else None


def _same_quantity(link: MirroredLine, item: PostedSalesDocumentItem, billed: BillingLine) -> bool:
    sold, ordered, invoiced = link.quantity, item.requested_quantity, billed.item.billing_quantity
    return (
        sold is not None
        and sold.unit == ordered.unit == invoiced.unit
        and sold.value == ordered.value == invoiced.value
        and bool(ordered.value)
    )


def _agreed(
    line: ExternalLine,
    item: PostedSalesDocumentItem,
    billed: BillingLine,
    currency: str,
    *,
    taxes_included: bool,
) -> Decimal | None:
    """Return the gross amount of a line where order and invoice have its net and its tax."""
    if line.price is None or line.discounts or line.allocated_discount or billed.sign != 1:
        return None
    tax = round_amount(sum((tax.amount for tax in line.taxes), ZERO), currency)
    net = round_amount(line.price * line.quantity, currency)
    if taxes_included:
        net -= tax
    agrees = (
        net == item.net_amount.amount == billed.item.net_amount.amount
        and tax == item.tax_amount.amount == billed.item.tax_amount.amount
    )
    return net + tax if agrees else None
