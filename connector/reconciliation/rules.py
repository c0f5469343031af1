"""What finance agreed on: days of grace, tolerances, the discount base, document types."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from connector.reconciliation.assignment import AssignmentContent
from connector.reconciliation.breaks import BreakCode
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import CurrencyCode, Money

Days = Annotated[int, Field(ge=0, le=366)]


class DiscountBase(StrEnum):
    """Whether cash discount is taken from the gross or the net amount (XSKFN blank or X)."""

    GROSS = "gross"
    NET = "net"


class ToleranceRule(Frozen):
    """
    How large a difference of one code in one currency may be and still count as explained.

    The lower of the two limits wins: ``amount`` in the currency, ``percent`` of the outside
    amount. What was absorbed is counted and printed.
    """

    code: BreakCode
    currency: CurrencyCode
    amount: Annotated[Decimal, Field(ge=0)]
    percent: Annotated[Decimal, Field(ge=0, le=100)]


class ProviderFee(Frozen):
    """What a payment provider may keep of a charge: ``percent`` of it, and ``fixed`` beside."""

    provider: str
    currency: CurrencyCode
    percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(0)
    fixed: Annotated[Decimal, Field(ge=0)] = Decimal(0)


class ReconciliationRules(Frozen):
    """
    The rules of a run; their hash is part of its header.

    Days of grace are calendar days: a difference that began on day *d* becomes a break on
    *d* + days. ``duplicate_search_days`` limits the look for second sales orders to external
    orders received that long before the key date; empty looks for all, which costs the ERP one
    call per order.
    """

    #: What finance calls this state of the rules, e.g. "2026-01"; it stands in every run.
    version: str = ""
    #: An external order without a sales order becomes a break after these days.
    order_grace_days: Days = 1
    #: An order that is not issued becomes a break these days after its requested date.
    delivery_grace_days: Days = 3
    #: A delivery block, billing block or credit block becomes a break after these days.
    block_grace_days: Days = 3
    #: Goods that were issued and not billed become a break after these days.
    billing_grace_days: Days = 3
    #: A billing document that FI does not have becomes a break after these days.
    transfer_grace_days: Days = 1
    #: A payment of the channel without receipt in FI becomes a break after these days.
    settlement_days: Days = 3
    #: How long money may wait for an order that was not billed yet.
    prepayment_days: Days = 30
    #: Money on account becomes a break after these days.
    unapplied_days: Days = 14
    #: A bank statement must reach so many days before the key date; banks write none at weekends.
    statement_grace_days: Days = 4
    #: A payout must reach the bank within these days.
    payout_days: Days = 5
    #: A returns order or credit memo request without credit memo becomes a break after these days.
    credit_grace_days: Days = 14
    #: A credit memo for a paid order becomes a break after these days without a refund.
    refund_days: Days = 14
    #: Days of grace that a dunning run leaves after an item's due date.
    dunning_grace_days: Days = 3
    #: Sales orders created so long before the key date must be known outside; empty: all.
    orphan_search_days: Days | None = 31
    #: References of our own orders, with * and ?; empty: learned from the orders that are known.
    own_reference_patterns: tuple[str, ...] = ()
    #: What FI lines of billing documents carry as assignment (ZUONR), a letter of the copy control
    #: field ORDNR_FI; empty: detected.
    assignment_content: AssignmentContent | None = None
    #: Over-delivery up to this share of the ordered quantity is of severity info.
    over_delivery_percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(0)
    #: Of what cash discount is taken: the gross or the net amount.
    discount_base: DiscountBase = DiscountBase.GROSS
    #: Orders must have been received until this many hours ago, or until the key date ended.
    stale_after_hours: Annotated[int, Field(ge=1)] = 24
    #: Orders received so long before the key date are searched for second sales orders; empty: all.
    duplicate_search_days: Days | None = 31
    #: FI document types of credit memos: a credit of another type without reference is money on
    #: account.
    credit_memo_document_types: frozenset[str] = frozenset({"RV", "DG"})
    #: FI document types of receipts; how far orders are paid is told by them as well.
    payment_document_types: frozenset[str] = frozenset({"DZ"})
    #: FI document types of payments to customers: refunds, and what was paid too much.
    outgoing_payment_document_types: frozenset[str] = frozenset({"DZ", "ZP"})
    #: Condition types of discounts: what differs in them is a discount, not a price.
    discount_condition_types: frozenset[str] = frozenset(
        {
            *("HA00", "HB00", "K004", "K005", "K006", "K007", "K020", "K029", "K030", "K031"),
            *("K032", "KA00", "KA02", "RA00", "RA01", "RB00", "RC00", "RD00"),
            *("DRG1", "DRN1", "DRQ1", "DRV1", "DCA1"),
        }
    )
    #: Condition types of freight.
    freight_condition_types: frozenset[str] = frozenset({"HD00", "HF00", "KF00", "YBHD"})
    #: Needed only for sales organizations that were never billed for.
    company_code_by_sales_organization: dict[str, str] = Field(default_factory=dict)
    #: Differences that count as explained, per code and currency.
    tolerances: tuple[ToleranceRule, ...] = ()

    #: What payment providers may keep of a charge; without an entry any fee is taken as it is told.
    provider_fees: tuple[ProviderFee, ...] = ()

    def agreed_fee(self, provider: str, gross: Money) -> Money | None:
        """Return the agreed fee of a charge, None where none was agreed for its currency."""
        for fee in self.provider_fees:
            if (fee.provider, fee.currency) == (provider, gross.currency):
                return Money.rounded(gross.amount * fee.percent / 100 + fee.fixed, gross.currency)
        return None

    def absorbs(self, code: BreakCode, currency: str, difference: Decimal, base: Decimal) -> bool:
        """Tell whether *difference* is within what was agreed for *code*; never for G/L ties."""
        if code is BreakCode.SUBLEDGER_GL_DIFF:
            return False
        for rule in self.tolerances:
            if rule.code is code and rule.currency == currency:
                return abs(difference) <= min(rule.amount, abs(base) * rule.percent / 100)
        return False

    @property
    def sha256(self) -> str:
        """Hash of all rules, the same for equal rules in any order."""
        dumped = self.model_dump(mode="json")
        for name, value in dumped.items():
            if isinstance(value, list):
                dumped[name] = sorted(value, key=str)
        dumped["company_code_by_sales_organization"] = sorted(
            self.company_code_by_sales_organization.items()
        )
        return hashlib.sha256(repr(sorted(dumped.items())).encode()).hexdigest()
