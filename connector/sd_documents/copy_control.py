"""
Copy control: which document may follow which.

Source: the delivered copy control of SD (tables TVCPA, TVCPL, TVCPF) by document category. A
system may allow less; the ERP then refuses, and the refusal becomes a hold.
"""

from __future__ import annotations

from typing import Final

from connector.sd_documents.values import DocumentCategory as C

_SALES_FOLLOWERS: Final[dict[C, frozenset[C]]] = {
    C.INQUIRY: frozenset({C.QUOTATION, C.SALES_ORDER}),
    C.QUOTATION: frozenset({C.SALES_ORDER}),
    C.SALES_ORDER: frozenset(
        {
            C.DELIVERY,
            C.INVOICE,
            C.PRO_FORMA_INVOICE,
            C.PURCHASE_ORDER,
            C.RETURNS_ORDER,
            C.CREDIT_MEMO_REQUEST,
            C.DEBIT_MEMO_REQUEST,
        }
    ),
    C.RETURNS_ORDER: frozenset({C.RETURNS_DELIVERY, C.CREDIT_MEMO}),
    C.CREDIT_MEMO_REQUEST: frozenset({C.CREDIT_MEMO}),
    C.DEBIT_MEMO_REQUEST: frozenset({C.DEBIT_MEMO}),
    C.DELIVERY: frozenset(
        {C.GOODS_MOVEMENT, C.GOODS_ISSUE_REVERSAL, C.INVOICE, C.PRO_FORMA_INVOICE}
    ),
    C.RETURNS_DELIVERY: frozenset({C.GOODS_RECEIPT, C.GOODS_MOVEMENT, C.CREDIT_MEMO}),
    C.INVOICE: frozenset(
        {
            C.INVOICE_CANCELLATION,
            C.RETURNS_ORDER,
            C.CREDIT_MEMO_REQUEST,
            C.DEBIT_MEMO_REQUEST,
            C.ACCOUNTING_DOCUMENT,
        }
    ),
    C.CREDIT_MEMO: frozenset({C.CREDIT_MEMO_CANCELLATION, C.ACCOUNTING_DOCUMENT}),
    C.DEBIT_MEMO: frozenset({C.INVOICE_CANCELLATION, C.ACCOUNTING_DOCUMENT}),
    C.ACCOUNTING_DOCUMENT: frozenset({C.ACCOUNTING_DOCUMENT}),
}


class CopyControlError(ValueError):
    """A document was to follow one that it must not follow."""


def may_follow(preceding: C, subsequent: C) -> bool:
    """Tell whether a document of category *subsequent* may be made from *preceding*."""
    return subsequent in _SALES_FOLLOWERS.get(preceding, frozenset())


def require_may_follow(preceding: C, subsequent: C) -> None:
    """Raise CopyControlError, naming what may follow, unless *subsequent* may follow."""
    if not may_follow(preceding, subsequent):
        allowed = ", ".join(sorted(c.name for c in _SALES_FOLLOWERS.get(preceding, frozenset())))
        raise CopyControlError(
            f"{subsequent.name} cannot follow {preceding.name}; allowed: {allowed or 'nothing'}"
        )
