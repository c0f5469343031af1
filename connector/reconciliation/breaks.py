"""
The kinds of differences that reconciliation can find, and what to do about each.

A code is a promise to finance: it names one cause and keeps its meaning. `docs/reference/
break-codes.md` is rendered from :data:`CATALOGUE`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class BreakCode(StrEnum):
    """What is wrong; the value is what reports, exports and the store carry."""

    MISSING_ORDER = "MISSING_ORDER"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    ORDER_BLOCKED = "ORDER_BLOCKED"
    LINK_GAP = "LINK_GAP"
    QTY_DIFF = "QTY_DIFF"
    QTY_OVER_DELIVERED = "QTY_OVER_DELIVERED"
    QTY_UNDER_DELIVERED = "QTY_UNDER_DELIVERED"
    PRICE_DIFF = "PRICE_DIFF"
    TAX_CODE_DIFF = "TAX_CODE_DIFF"
    TAX_ROUNDING = "TAX_ROUNDING"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    CURRENCY_SCALE = "CURRENCY_SCALE"
    MISSING_BILLING = "MISSING_BILLING"
    BILLING_NOT_POSTED = "BILLING_NOT_POSTED"
    BILLING_FI_DIFF = "BILLING_FI_DIFF"
    MISSING_PAYMENT = "MISSING_PAYMENT"
    UNDERPAYMENT = "UNDERPAYMENT"
    UNEARNED_DISCOUNT = "UNEARNED_DISCOUNT"
    OVERPAYMENT = "OVERPAYMENT"
    DUPLICATE_PAYMENT = "DUPLICATE_PAYMENT"
    UNAPPLIED_CASH = "UNAPPLIED_CASH"
    SUBLEDGER_GL_DIFF = "SUBLEDGER_GL_DIFF"
    STALE_DATA = "STALE_DATA"


class Severity(StrEnum):
    """How much a break matters: ``info`` is inside a limit that was agreed beforehand."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """What a code means, in words for the people who work on it."""

    definition: str
    usual_cause: str
    what_to_do: str
    severity: Severity = Severity.ERROR


CATALOGUE: Final[dict[BreakCode, CodeEntry]] = {
    BreakCode.MISSING_ORDER: CodeEntry(
        "An external order has no sales order in the ERP, and the days of grace are over.",
        "The order is on hold (unknown article or customer, totals that do not add up), the ERP "
        "refused it, or its sales order was deleted in the ERP.",
        "Look at the order's hold with `sd-connector orders show`, correct the cause and retry, "
        "or cancel the order.",
    ),
    BreakCode.DUPLICATE_ORDER: CodeEntry(
        "The ERP has more than one sales order with the reference of one external order.",
        "Somebody entered the order by hand as well, or another interface sends it, too.",
        "Reject the items of the order that is too many before it is delivered; if it was billed, "
        "cancel the invoice first.",
    ),
    BreakCode.ORDER_BLOCKED: CodeEntry(
        "The sales order is not billed because of a delivery block, a billing block or the credit "
        "check, longer than the days of grace.",
        "Credit limit reached, or a block that the order type sets for review.",
        "Release the block in the ERP, or reject the items.",
        Severity.WARNING,
    ),
    BreakCode.LINK_GAP: CodeEntry(
        "A document exists, but the row of the document flow that should lead to it does not; or "
        "the connector knows a document that the ERP did not return.",
        "An update that terminated, an archived document, or a document linked by hand.",
        "Compare the document flow in the ERP with `sd-connector flow`; follow up the terminated "
        "update. No figure of the chain can be trusted before.",
        Severity.WARNING,
    ),
    BreakCode.QTY_DIFF: CodeEntry(
        "The sales order asks for another quantity than the external order.",
        "The sales order was changed in the ERP, the external order was changed or cancelled after "
        "it was sent, or a unit was converted wrongly.",
        "Agree with the customer which quantity holds, and change the other side.",
    ),
    BreakCode.QTY_OVER_DELIVERED: CodeEntry(
        "More was billed than ordered. Severity is info while the item's over-delivery limit "
        "covers it.",
        "Over-delivery within the item's tolerance: delivery-related billing bills what was "
        "delivered.",
        "Nothing when the customer accepts and pays it; otherwise a credit memo for the excess.",
        Severity.WARNING,
    ),
    BreakCode.QTY_UNDER_DELIVERED: CodeEntry(
        "Less was issued than ordered, and the requested day plus grace is over, the item was "
        "rejected, or delivery counts as complete.",
        "Short stock, a delivery whose goods issue was not posted, or a rejected item.",
        "Deliver the rest, or reject it in the ERP and refund the customer.",
        Severity.WARNING,
    ),
    BreakCode.PRICE_DIFF: CodeEntry(
        "The net amount differs for the same quantity, price, discount and freight together.",
        "A price maintained in the ERP overrides the channel's, a discount or the freight was not "
        "handed over, or the channel's own total is not the sum of its lines.",
        "Compare the conditions of the item with the external line; correct the mapping rules or "
        "the price, then bill again or credit the difference.",
    ),
    BreakCode.TAX_CODE_DIFF: CodeEntry(
        "The tax differs by more than rounding can explain: another code or rate.",
        "Tax classification of customer or material, or a wrong ship-to country.",
        "Correct the master data, cancel the invoice and bill again.",
    ),
    BreakCode.TAX_ROUNDING: CodeEntry(
        "The tax of one code differs by at most one smallest unit of the currency per line.",
        "The channel rounds per line, the ERP per document; or the channel sells at gross prices "
        "that no net price with rounded tax can express.",
        "Agree on a tolerance for this code, or use a pricing procedure with tax included for "
        "channels with gross prices.",
        Severity.INFO,
    ),
    BreakCode.CURRENCY_MISMATCH: CodeEntry(
        "Two records of the same thing are in different currencies.",
        "A missing currency in the mapping rules, so that the customer's currency was taken.",
        "Correct the mapping rules; cancel the document and create it in the right currency.",
    ),
    BreakCode.CURRENCY_SCALE: CodeEntry(
        "One amount is exactly 10 or 100 times the other.",
        "An amount was read or written without regard to the currency's decimals (JPY has none, "
        "KWD has three).",
        "Correct the interface that shifts the amount; do not post a difference.",
    ),
    BreakCode.MISSING_BILLING: CodeEntry(
        "Goods were issued, or a service was due, and not billed within the days of grace.",
        "The billing run failed or left the document out, e.g. because of incomplete data.",
        "Look at the billing due list and its log in the ERP.",
    ),
    BreakCode.BILLING_NOT_POSTED: CodeEntry(
        "The billing document was not transferred to accounting.",
        "A billing document that is blocked for accounting, a closed period, or an account that "
        "cannot be determined.",
        "Correct the cause that its transfer status names, and release it to accounting.",
    ),
    BreakCode.BILLING_FI_DIFF: CodeEntry(
        "The customer line in FI is not the gross amount of the billing document.",
        "A user exit changes the posting, or the FI document was changed or reversed alone.",
        "Compare both documents; reverse the FI side and transfer the billing document again.",
    ),
    BreakCode.MISSING_PAYMENT: CodeEntry(
        "The channel received money that FI has no receipt for after the days of settlement.",
        "The payment step waits or failed, or the payment provider has not paid out.",
        "Look at the payment step with `sd-connector orders show`; then at the payout.",
    ),
    BreakCode.UNDERPAYMENT: CodeEntry(
        "An invoice was paid in part, and the rest is overdue, or the channel regards the order "
        "as paid.",
        "The customer paid what was ordered, not what was billed; the difference's own break is "
        "linked as cause.",
        "Work on the linked cause first; then collect the rest or credit it.",
        Severity.WARNING,
    ),
    BreakCode.UNEARNED_DISCOUNT: CodeEntry(
        "The payment falls short by exactly the cash discount, and came after its deadline.",
        "The customer deducts the discount regardless of the date.",
        "Collect the difference, or grant the discount and clear the item.",
        Severity.WARNING,
    ),
    BreakCode.OVERPAYMENT: CodeEntry(
        "The channel received more for an order than was billed, and nothing more will be billed.",
        "A payment made twice, a short delivery, or a credit memo without a refund.",
        "Refund the customer, or use the credit for the next invoice.",
    ),
    BreakCode.DUPLICATE_PAYMENT: CodeEntry(
        "One payment of the channel has more than one receipt in FI.",
        "The receipt was also entered by hand or came with the bank statement.",
        "Reverse the receipt that is too many.",
    ),
    BreakCode.UNAPPLIED_CASH: CodeEntry(
        "Money stands on the customer's account without any item it belongs to, longer than the "
        "days of grace.",
        "The payment named no invoice, or the invoice was not there yet.",
        "Find the invoice it was meant for and clear both.",
        Severity.WARNING,
    ),
    BreakCode.SUBLEDGER_GL_DIFF: CodeEntry(
        "The open items of a reconciliation account do not add up to its G/L balance. There is no "
        "tolerance.",
        "An extract that is short, or an inconsistency in the ERP.",
        "Run the reconciliation again; if the difference stays, run the ERP's own comparison of "
        "documents and balances.",
    ),
    BreakCode.STALE_DATA: CodeEntry(
        "A source is older than the key date or the agreed limit allows, so the run is incomplete.",
        "The intake or the status pull stopped.",
        "Find out why with `sd-connector sync`, then run the reconciliation again.",
    ),
}


def stable_id(code: BreakCode, keys: Iterable[tuple[str, str]]) -> str:
    """
    Return the id under which a difference is known for good.

    It depends on the category and the business keys alone: a difference keeps its id while its
    amount changes, and gets the same one in every run.
    """
    text = "\x1f".join([code.value, *(f"{name}={value}" for name, value in sorted(keys))])
    return "BRK-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def catalogue_markdown() -> str:
    """Render the reference page of all codes."""
    parts = [
        "# Break codes\n",
        "Every difference that reconciliation reports carries one of these codes. The id of a "
        "break is made from its code and its business keys, never from its amount, so it stays "
        "the same from run to run.\n",
        "Differences are signed as *ERP minus outside*: positive means that the ERP claims more "
        "from the customer than the outside world says they owe.\n",
    ]
    for code, entry in CATALOGUE.items():
        parts.append(
            f"## {code.value}\n"
            f"{entry.definition}\n\n"
            f"- Severity: {entry.severity.value}\n"
            f"- Usual cause: {entry.usual_cause}\n"
            f"- What to do: {entry.what_to_do}\n"
        )
    return "\n".join(parts)
