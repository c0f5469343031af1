"""What each code means, where it usually comes from, and what to do; finance reads these texts."""

from __future__ import annotations

from typing import Final

from connector.reconciliation.break_codes import BreakCode, CodeEntry, Severity

CATALOGUE: Final[dict[BreakCode, CodeEntry]] = {
    BreakCode.MISSING_ORDER: CodeEntry(
        "An external order has no sales order in the ERP, and the days of grace are over.",
        "The order is on hold (unknown article or customer, totals that do not add up), the ERP"
        " refused it, or its sales order was deleted in the ERP.",
        "Look at the order's hold with `sd-connector orders show`, correct the cause and retry,"
        " or cancel the order.",
    ),
    BreakCode.DUPLICATE_ORDER: CodeEntry(
        "The ERP has more than one sales order with the reference of one external order.",
        "Somebody entered the order by hand as well, or another interface sends it, too.",
        "Reject the items of the order that is too many before it is delivered; if it was "
        "billed, cancel the invoice first.",
    ),
    BreakCode.ORPHAN_SAP_ORDER: CodeEntry(
        "The ERP has a sales order with a reference of our source that no external order has.",
        "The order was entered by hand with a channel's reference, the connector's store was "
        "set up anew, or the external order was withdrawn.",
        "Find out who created the sales order. Reject its items when nobody sold it; otherwise "
        "hand the external order over again.",
    ),
    BreakCode.ORDER_BLOCKED: CodeEntry(
        "The sales order is not billed because of a delivery block, a billing block or the "
        "credit check, longer than the days of grace.",
        "Credit limit reached, or a block that the order type sets for review.",
        "Release the block in the ERP, or reject the items.",
        Severity.WARNING,
    ),
    BreakCode.ORDER_INCOMPLETE: CodeEntry(
        "The sales order is not billed because data is missing in it, longer than the days of "
        "grace.",
        "A mandatory field of the order type, such as terms of payment or incoterms, was "
        "neither sent nor proposed by the master data.",
        "Look at the order's incompletion log in the ERP, fill the fields, and add them to the "
        "mapping rules.",
        Severity.WARNING,
    ),
    BreakCode.LINK_GAP: CodeEntry(
        "A document exists, but the row of the document flow that should lead to it does not; "
        "or the connector knows a document that the ERP did not return.",
        "An update that terminated, an archived document, or a document linked by hand.",
        "Compare the document flow in the ERP with `sd-connector flow`; follow up the "
        "terminated update. No figure of the chain can be trusted before.",
        Severity.WARNING,
    ),
    BreakCode.AMBIGUOUS: CodeEntry(
        "More than one record comes into question, and nothing says which of them belongs.",
        "A reference was used twice, or the same amount is open several times on one account.",
        "Decide which record belongs, and say so in the ERP: correct the reference or "
        "assignment of the other one.",
        Severity.WARNING,
    ),
    BreakCode.QTY_DIFF: CodeEntry(
        "The sales order asks for another quantity than the external order.",
        "The sales order was changed in the ERP, the external order was changed or cancelled "
        "after it was sent, or a unit was converted wrongly.",
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
    BreakCode.GI_MISSING: CodeEntry(
        "A delivery exists, its goods issue is due and was not posted within the days of grace.",
        "Picking is not confirmed, stock is short in the storage location, or the goods left "
        "and nobody posted it.",
        "Post the goods issue when the goods have left; otherwise reduce or delete the delivery.",
        Severity.WARNING,
    ),
    BreakCode.PRICE_DIFF: CodeEntry(
        "The net amount differs for the same quantity, price, discount and freight together.",
        "A price maintained in the ERP overrides the channel's, a discount or the freight was "
        "not handed over, or the channel's own total is not the sum of its lines.",
        "Compare the conditions of the item with the external line; correct the mapping rules "
        "or the price, then bill again or credit the difference.",
    ),
    BreakCode.DISCOUNT_DIFF: CodeEntry(
        "The discounts of an item or order differ, while its price agrees.",
        "A discount of the channel was not handed over, has no condition type in the mapping "
        "rules, or the ERP granted one of its own.",
        "Compare the discount conditions of the item with the external order; correct the "
        "mapping rules or the condition record, then bill again or credit the difference.",
    ),
    BreakCode.FREIGHT_DIFF: CodeEntry(
        "The freight of an order differs, while its price agrees.",
        "The channel's shipping fee was not handed over as a condition, or the ERP added "
        "freight of its own.",
        "Compare the freight conditions with the external order's shipping; correct the mapping"
        " rules or the condition record.",
    ),
    BreakCode.TAX_CODE_DIFF: CodeEntry(
        "The tax differs by more than rounding can explain: another code or rate.",
        "Tax classification of customer or material, or a wrong ship-to country.",
        "Correct the master data, cancel the invoice and bill again.",
    ),
    BreakCode.TAX_ROUNDING: CodeEntry(
        "The tax of one code differs by at most one smallest unit of the currency per line.",
        "The channel rounds per line, the ERP per document; or the channel sells at gross "
        "prices that no net price with rounded tax can express.",
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
        "An amount was read or written without regard to the currency's decimals (JPY has none,"
        " KWD has three).",
        "Correct the interface that shifts the amount; do not post a difference.",
    ),
    BreakCode.PAYER_MISMATCH: CodeEntry(
        "The invoice is in the name of another payer than the sales order, or the payment "
        "stands on another customer than the invoice.",
        "The payer of the customer master was changed after the order was sent, or the payment "
        "was posted to the sold-to party instead of the payer.",
        "Transfer the item to the right customer; correct the partner before the next invoice.",
    ),
    BreakCode.TERMS_MISMATCH: CodeEntry(
        "The invoice's terms of payment, or the due date of its FI line, are not those of the "
        "order.",
        "Terms changed in the customer master between order and invoice, or by hand in FI.",
        "Agree on the terms that hold, and change the FI line or cancel the invoice and bill "
        "again.",
        Severity.WARNING,
    ),
    BreakCode.MISSING_BILLING: CodeEntry(
        "Goods were issued, or a service was due, and not billed within the days of grace.",
        "The billing run failed or left the document out, e.g. because of incomplete data.",
        "Look at the billing due list and its log in the ERP.",
    ),
    BreakCode.BILLING_NOT_POSTED: CodeEntry(
        "The billing document was not transferred to accounting.",
        "A billing document that is blocked for accounting, a closed period, or an account that"
        " cannot be determined.",
        "Correct the cause that its transfer status names, and release it to accounting.",
    ),
    BreakCode.BILLING_FI_DIFF: CodeEntry(
        "The customer line in FI is not the gross amount of the billing document.",
        "A user exit changes the posting, or the FI document was changed or reversed alone.",
        "Compare both documents; reverse the FI side and transfer the billing document again.",
    ),
    BreakCode.CANCEL_NOT_CLEARED: CodeEntry(
        "A billing document was cancelled, and it and its cancellation are both open in FI.",
        "The cancellation was posted as a plain opposite document, because the invoice was "
        "cleared before or the billing type does not reverse in FI.",
        "Clear the two items against each other; collect nothing and pay nothing back.",
        Severity.WARNING,
    ),
    BreakCode.ORPHAN_FI_ITEM: CodeEntry(
        "An FI item stands on the account of a customer whose orders come from here, and "
        "nothing leads to it: no billing document, no payment, no clearing, no reference.",
        "An invoice or credit posted by hand in FI.",
        "Ask who posted it and why; assign it to the invoice it belongs to, or reverse it.",
        Severity.WARNING,
    ),
    BreakCode.MISSING_PAYMENT: CodeEntry(
        "The channel received money that FI has no receipt for after the days of settlement.",
        "The payment step waits or failed, or the payment provider has not paid out.",
        "Look at the payment step with `sd-connector orders show`; then at the payout.",
    ),
    BreakCode.UNDERPAYMENT: CodeEntry(
        "An invoice was paid in part, and the rest is overdue, or the channel regards the order"
        " as paid.",
        "The customer paid what was ordered, not what was billed; the difference's own break is"
        " linked as cause.",
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
        "The same was paid twice, or one payment has more than one receipt in FI.",
        "The customer paid an invoice again; or a receipt was also entered by hand.",
        "Where the bank has the money twice, pay it back or use it for a later invoice; else"
        " reverse the receipt that is too many.",
    ),
    BreakCode.UNAPPLIED_CASH: CodeEntry(
        "Money stands on the customer's account without any item it belongs to, longer than the"
        " days of grace.",
        "The payment named no invoice, or the invoice was not there yet.",
        "Find the invoice it was meant for and clear both.",
        Severity.WARNING,
    ),
    BreakCode.MISAPPLIED: CodeEntry(
        "A payment settled another invoice than the one it was meant for.",
        "The payment named the wrong document, or somebody cleared by amount.",
        "Reset the clearing and clear the right invoice.",
    ),
    BreakCode.CREDIT_PENDING: CodeEntry(
        "Goods came back or a credit was asked for, and the credit memo was not billed yet. It "
        "is open business until then.",
        "The billing block of the returns order or credit memo request waits for a check.",
        "Check the return, remove the block and bill it, or reject the item.",
        Severity.WARNING,
    ),
    BreakCode.REFUND_WITHOUT_CREDIT: CodeEntry(
        "The channel paid money back, and no credit memo stands against it in the ERP.",
        "The refund was granted in the shop alone, without a return.",
        "Create the credit memo request or the return for the refunded items, or have finance "
        "book the refund as an allowance.",
    ),
    BreakCode.CREDIT_WITHOUT_REFUND: CodeEntry(
        "A credit memo was billed for an order that was paid, and the customer has neither got "
        "the money back nor used it.",
        "The return was handled in the ERP alone, or the refund in the channel failed.",
        "Pay the money back through the channel, or clear the credit against an open invoice.",
        Severity.WARNING,
    ),
    BreakCode.CHARGEBACK: CodeEntry(
        "The payment provider took a payment back because the cardholder disputed it.",
        "A dispute that is open or was lost.",
        "Answer the dispute in time, or post the loss and collect the invoice.",
    ),
    BreakCode.OVERPAID_AFTER_REBILL: CodeEntry(
        "An invoice was paid, cancelled and billed anew for less, so that the customer has paid"
        " too much.",
        "Price, quantity or tax was corrected after the payment.",
        "Clear the payment against the new invoice and pay the rest back, or leave it on "
        "account for the next invoice with the customer's consent.",
    ),
    BreakCode.FEE_UNEXPLAINED: CodeEntry(
        "The fee that the payment provider kept back is not what its rate for this kind of "
        "payment says.",
        "A changed rate, a surcharge for cards from abroad, or a fee for a dispute.",
        "Compare with the provider's contract; correct the agreed rate or claim the difference.",
        Severity.WARNING,
    ),
    BreakCode.PAYOUT_MISMATCH: CodeEntry(
        "The lines of a payout do not add up to it, or the bank received another amount.",
        "A line is missing in the report, the payout was converted to another currency, or it "
        "failed and came back.",
        "Fetch the report of the payout anew; ask the provider with the payout's number.",
    ),
    BreakCode.PAYOUT_UNDECOMPOSED: CodeEntry(
        "A payout cannot be taken apart into charges and refunds.",
        "A manual payout: the provider itself does not say which charges are in it.",
        "Use automatic payouts; assign this one by hand to the balance it came from.",
        Severity.WARNING,
    ),
    BreakCode.SUBLEDGER_GL_DIFF: CodeEntry(
        "The open items of a reconciliation account do not add up to its G/L balance. There is "
        "no tolerance.",
        "An extract that is short, or an inconsistency in the ERP.",
        "Run the reconciliation again; if the difference stays, run the ERP's own comparison of"
        " documents and balances.",
    ),
    BreakCode.STALE_DATA: CodeEntry(
        "A source is older than the key date or the agreed limit allows, so the run is incomplete.",
        "The intake or the status pull stopped.",
        "Find out why with `sd-connector sync`, then run the reconciliation again.",
    ),
}
