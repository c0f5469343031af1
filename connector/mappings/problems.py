"""
The reasons for which mapping holds an order: one catalogue for code, rules and documentation.

A hold reason is a code in capitals. Rules may raise those of the catalogue and any of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import StringConstraints

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money

HoldCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{2,39}$")]


class Problem(Frozen):
    """
    Why an order cannot become documents: ``message`` says what is wrong and what to do.

    ``where`` is the field of the external order or of the document; ``amount`` is the difference
    where money is the matter.
    """

    code: HoldCode
    message: str
    where: str = ""
    amount: Money | None = None


class Notice(Frozen):
    """
    Something that mapping decided without being certain: it holds nothing, but is always listed.

    ``where`` is the field of the external order or of the document, ``rule`` the key of the rule,
    ``amount`` what is at stake: the value of the line, the payment or the order, empty where no
    price is known.
    """

    code: HoldCode
    message: str
    where: str = ""
    rule: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class HoldReason:
    """A code of the catalogue: when it is raised and what a person does about it."""

    code: str
    meaning: str
    remedy: str


_REASONS: Final = (
    HoldReason("TEST_ORDER", "The channel marks the order as a test.",
               "Cancel it here; test orders never reach the ERP."),
    HoldReason("CANCELLED_ORDER", "The channel cancelled the order.",
               "Cancel it here; if documents exist already, reverse them in the ERP."),
    HoldReason("ORDER_NOT_CONFIRMED", "The channel does not count the order as placed yet.",
               "Wait until it is paid or approved there: a newer message takes this one's place."),
    HoldReason("ORDER_CHANGE", "The message changes or cancels an order that was sent before.",
               "Change the documents in the ERP by hand, or release it as an order of its own."),
    HoldReason("FULFILLED_BY_AMAZON", "The marketplace ships the order from its own stock.",
               "Bill it from the settlement, or give such orders rules of their own."),
    HoldReason("PRICE_IN_ANOTHER_UNIT", "A price is for another unit than is ordered.",
               "Agree on prices per unit of order, or correct the condition after release."),
    HoldReason("PRICES_WITH_TAX", "The prices contain tax, and the rules take prices without.",
               "Agree on prices without tax, or map such orders by rules for prices with tax."),
    HoldReason("FRAMEWORK_ORDER", "The message is a blanket order: nothing is called off yet.",
               "Enter it as a contract in the ERP, or release it to deliver it at once."),
    HoldReason("FREE_GOODS", "Goods free of charge are expected beside those that are paid for.",
               "Add them in the ERP after release, or agree with the partner."),
    HoldReason("SEVERAL_SHIP_TO", "Parts of the order go to different addresses.",
               "Split the order in the channel, or map addresses of lines and a partner per item."),
    HoldReason("REFUNDED_ORDER", "Money went back to the customer, in full or in part.",
               "Decide what is still to be delivered; release with a corrected message."),
    HoldReason("NO_LINES", "The order has no lines.",
               "Ask the channel for the complete order."),
    HoldReason("QUANTITY_NOT_POSITIVE", "A line has a quantity of zero or below.",
               "Correct the quantity in the channel, or cancel the order if it is a return."),
    HoldReason("RETURN_OF_UNKNOWN_LINE", "A return names a line that the order does not have.",
               "Correct the return in the channel; its lines go by the order's line ids."),
    HoldReason("UNKNOWN_SKU", "A line's SKU has no material, or the line has no SKU at all.",
               "Add a row to the SKU table that the message names, then retry."),
    HoldReason("UNKNOWN_CUSTOMER", "No sold-to party can be found for the order.",
               "Add a row to the customer table that the message names, then retry."),
    HoldReason("UNKNOWN_GATEWAY", "A payment came through a gateway without an account.",
               "Add a row to the gateway table that the message names, then retry."),
    HoldReason("UNKNOWN_UNIT", "A unit of the channel has no unit of the ERP.",
               "Add a row to the unit table that the message names, then retry."),
    HoldReason("NO_RULE_FOR_CURRENCY", "There is no sales area for the order's currency.",
               "Add a row to the table that the message names, or cancel the order."),
    HoldReason("TOTALS_DO_NOT_ADD_UP", "The order's own amounts contradict each other.",
               "Compare with the channel; correct the message there, or the channel profile."),
    HoldReason("CHARGE_WITHOUT_RULE", "The order carries a tip, duty or fee without a rule.",
               "Add a condition for it to the mapping rules, then retry."),
    HoldReason("MIXED_TAX_ON_SHIPPING", "Shipping is taxed at a rate that no line has.",
               "Map shipping to an item of its own in the mapping rules, then retry."),
    HoldReason("PAYMENT_CURRENCY", "A payment is not in the order's currency.",
               "Post the payment by hand, or map the order in the currency that was paid."),
    HoldReason("REFERENCE_TOO_LONG", "The reference in the ERP would exceed 35 characters.",
               "Shorten reference.prefix in the mapping rules; the id is never cut off."),
    HoldReason("REFERENCE_NOT_USABLE", "The channel's order id cannot be a reference as it is.",
               "Correct external_id in the channel profile."),
    HoldReason("FIELD_TOO_LONG", "A value is longer than the ERP's field.",
               "Shorten it in the channel, or cut it in the rules with left(value, length)."),
    HoldReason("VALUE_MISSING", "A field that the document needs came out empty.",
               "Give the rule a default, or complete the order in the channel."),
    HoldReason("VALUE_NOT_VALID", "A value is not one that the document's field can hold.",
               "Correct the rule or the table that the message names."),
    HoldReason("NO_RULE_FOR_DOCUMENT", "The plan wants a document that the rules do not map.",
               "Add it under documents in the mapping rules, or choose another plan."),
    HoldReason("AMBIGUOUS_LOOKUP", "Several rows of a table fit, and none of them wins.",
               "Leave one of the rows, or look it up by more columns; then retry."),
    HoldReason("MASTER_DATA_NOT_READ", "The rules look into the ERP, which was not asked.",
               "Map where the ERP's master data may be read."),
    HoldReason("CUSTOMER_NOT_IN_ERP", "The ERP does not have the customer that a rule found.",
               "Correct the table that it came from, or have the customer created."),
    HoldReason("MATERIAL_NOT_IN_ERP", "The ERP does not have the material that a rule found.",
               "Correct the table that it came from, or have the material created."),
    HoldReason("UNIT_NOT_IN_ERP", "The ERP does not have the unit that a rule found.",
               "Correct the table that it came from; units are those of table T006."),
    HoldReason("REFERENCE_INCOMPLETE", "An item's reference has a document or an item, not both.",
               "Complete the reference in the channel, or correct the reference rule."),
    HoldReason("CURRENCY_MISMATCH", "The ERP priced the document in another currency.",
               "Correct the currency in the rules or in the sales area's master data."),
    HoldReason("QUANTITY_DIFF", "The ERP has another quantity than the order.",
               "Check the unit in the SKU table against the material's units."),
    HoldReason("PRICE_DIFF", "The ERP's price is not the channel's.",
               "Check whether the price condition may be entered by hand in the procedure."),
    HoldReason("DISCOUNT_DIFF", "The ERP's discount is not the channel's.",
               "Check the discount conditions of the rules and of the pricing procedure."),
    HoldReason("FREIGHT_DIFF", "The ERP's freight is not the channel's shipping.",
               "Check the freight conditions of the rules and of the pricing procedure."),
    HoldReason("TAX_ROUNDING", "Same tax rates, but the channel rounds tax line by line.",
               "Accept the cents by releasing the order, or settle the rounding with the channel."),
    HoldReason("TAX_DIFF", "The ERP's tax is not the channel's.",
               "Check tax classes and destination country against the channel's tax rate."),
    HoldReason("TOTAL_DIFF", "The totals differ although all parts agree.",
               "Compare the simulated document with the order line by line."),
)  # fmt: skip

_NOTICES: Final = (
    HoldReason("DEFAULT_ROW", "A table has no row of its own for a value: its row with * was "
               "taken.", "Add a row for the value, or make the lookup strict."),
    HoldReason("TWO_CANDIDATES", "Two rows with as many * fit a value: the one further right in "
               "the key's order was taken.", "Add a row for the value itself."),
    HoldReason("DEFAULT_WITHOUT_ROW", "A table has no row: the rule's default was taken.",
               "Add a row for the value, or make the rule strict."),
    HoldReason("ONE_TIME_CUSTOMER", "No customer was found: a one-time account was taken.",
               "Add the customer to the table, if it is one of your own."),
    HoldReason("TAX_NOT_SAID", "The channel does not say its tax: what the total is above the "
               "lines was not compared.", "Map the taxes in the channel profile."),
    HoldReason("TOTAL_NOT_SAID", "The channel does not say its grand total: nothing proves that "
               "all parts of the order were read.", "Map totals.grand_total in the profile."),
)  # fmt: skip

#: Every notice of mapping, by code; where the rules are strict, they are hold reasons as well.
NOTICES: Final[dict[str, HoldReason]] = {notice.code: notice for notice in _NOTICES}

#: Every hold reason of mapping, by code, in the order of the documentation.
HOLD_REASONS: Final[dict[str, HoldReason]] = {
    reason.code: reason for reason in (*_REASONS, *_NOTICES)
}
