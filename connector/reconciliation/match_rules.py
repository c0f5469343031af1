"""The rules by which records are said to belong together."""

from __future__ import annotations

from enum import StrEnum


class MatchRule(StrEnum):
    """Why two records belong together, in the order in which the rules are tried."""

    LINK_TABLE = "link table"
    DOCUMENT_FLOW = "document flow"
    BILLING_NUMBER = "billing number"
    ACCOUNTING_DOCUMENT = "accounting document of the billing document (AWKEY)"
    PURCHASE_ORDER = "purchase order by customer"
    PAYMENT_REFERENCE = "payment reference"
    REFERENCE = "reference (XBLNR)"
    ASSIGNMENT = "assignment (ZUONR)"
    REMITTANCE_TEXT = "remittance text"
    CHARGE_ID = "charge id in payout"
    ORDER_IN_PAYOUT = "order in payout"
    PAYOUT_REFERENCE = "payout reference"
    AMOUNT_AND_DAY = "amount and day, unique on both sides"
    PAYER_AND_AMOUNT = "payer and amount, unique on both sides"
    AMOUNT_ALONE = "amount, unique on both sides"
    SUBSET_SUM = "sum of several, the only one that fits"
