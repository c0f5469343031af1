"""The kinds of differences that reconciliation can find, as codes that keep their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BreakCode(StrEnum):
    """What is wrong; the value is what reports, exports and the store carry."""

    MISSING_ORDER = "MISSING_ORDER"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    ORPHAN_SAP_ORDER = "ORPHAN_SAP_ORDER"
    ORDER_BLOCKED = "ORDER_BLOCKED"
    ORDER_INCOMPLETE = "ORDER_INCOMPLETE"
    LINK_GAP = "LINK_GAP"
    AMBIGUOUS = "AMBIGUOUS"
    QTY_DIFF = "QTY_DIFF"
    QTY_OVER_DELIVERED = "QTY_OVER_DELIVERED"
    QTY_UNDER_DELIVERED = "QTY_UNDER_DELIVERED"
    GI_MISSING = "GI_MISSING"
    PRICE_DIFF = "PRICE_DIFF"
    DISCOUNT_DIFF = "DISCOUNT_DIFF"
    FREIGHT_DIFF = "FREIGHT_DIFF"
    TAX_CODE_DIFF = "TAX_CODE_DIFF"
    TAX_ROUNDING = "TAX_ROUNDING"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    CURRENCY_SCALE = "CURRENCY_SCALE"
    PAYER_MISMATCH = "PAYER_MISMATCH"
    TERMS_MISMATCH = "TERMS_MISMATCH"
    MISSING_BILLING = "MISSING_BILLING"
    BILLING_NOT_POSTED = "BILLING_NOT_POSTED"
    BILLING_FI_DIFF = "BILLING_FI_DIFF"
    CANCEL_NOT_CLEARED = "CANCEL_NOT_CLEARED"
    ORPHAN_FI_ITEM = "ORPHAN_FI_ITEM"
    MISSING_PAYMENT = "MISSING_PAYMENT"
    UNDERPAYMENT = "UNDERPAYMENT"
    UNEARNED_DISCOUNT = "UNEARNED_DISCOUNT"
    OVERPAYMENT = "OVERPAYMENT"
    DUPLICATE_PAYMENT = "DUPLICATE_PAYMENT"
    UNAPPLIED_CASH = "UNAPPLIED_CASH"
    MISAPPLIED = "MISAPPLIED"
    CREDIT_PENDING = "CREDIT_PENDING"
    REFUND_WITHOUT_CREDIT = "REFUND_WITHOUT_CREDIT"
    CREDIT_WITHOUT_REFUND = "CREDIT_WITHOUT_REFUND"
    CHARGEBACK = "CHARGEBACK"
    OVERPAID_AFTER_REBILL = "OVERPAID_AFTER_REBILL"
    FEE_UNEXPLAINED = "FEE_UNEXPLAINED"
    PAYOUT_MISMATCH = "PAYOUT_MISMATCH"
    PAYOUT_UNDECOMPOSED = "PAYOUT_UNDECOMPOSED"
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
