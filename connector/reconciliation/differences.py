"""
What a difference is, and how it ends: explained, pending or break.

Comparisons state *findings*; :func:`judge` applies the rules to them, so that grace and tolerance
mean the same everywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from connector.reconciliation.breaks import CATALOGUE, BreakCode, Severity, stable_id
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money, Quantity


class Scope(Frozen):
    """
    What an identity is closed for.

    ``reconciliation_account`` is empty where FI has not decided it yet; ``currency`` is empty for
    findings without any amount. ``valued_in`` is filled where amounts of documents in ``currency``
    are stated in the company code's currency instead.
    """

    company_code: str
    currency: str
    reconciliation_account: str = ""
    special_gl_indicator: str = ""
    valued_in: str = ""

    @property
    def sort_key(self) -> tuple[str, str, str, str, str]:
        return (
            self.company_code,
            self.currency,
            self.reconciliation_account,
            self.special_gl_indicator,
            self.valued_in,
        )

    @property
    def stated_in(self) -> str:
        """The currency of all amounts of the scope."""
        return self.valued_in or self.currency


@lru_cache(maxsize=4096)
def scope_for(
    company_code: str, currency: str, reconciliation_account: str, special_gl_indicator: str = ""
) -> Scope:
    """Return a scope; equal ones are one object, which is found faster in sums by scope."""
    return Scope(
        company_code=company_code,
        currency=currency,
        reconciliation_account=reconciliation_account,
        special_gl_indicator=special_gl_indicator,
    )


class Key(Frozen):
    """One business key, e.g. ``billing_document`` 0090000001."""

    name: str
    value: str


class Side(Frozen):
    """What one side says; amount and quantity are empty where it says nothing."""

    what: str
    amount: Money | None = None
    quantity: Quantity | None = None


class Evidence(Frozen):
    """
    A record that a finding rests on, as read: where from, which, its hash, and in words.

    ``record`` is the record itself as JSON, for breaks alone. What names a person is left out of
    it; the hash covers all.
    """

    source: str
    key: str
    sha256: str = ""
    text: str = ""
    record: str = ""


#: Fields that hold names, addresses, bank data or what people wrote.
_PERSONAL: Final = {
    "customer", "billing_address", "shipping_address", "note", "payer_hint", "remittance",
}  # fmt: skip


def evidence_of(source: str, key: str, record: Frozen, text: str = "") -> Evidence:
    """Make evidence of a model as it was read."""
    digest = hashlib.sha256(record.model_dump_json().encode()).hexdigest()
    # A customer by number alone is no person's name.
    hidden = {name for name in _PERSONAL if not isinstance(getattr(record, name, None), str)}
    shown = record.model_dump_json(
        exclude=hidden | (_PERSONAL - {"customer"}), exclude_defaults=True
    )
    return Evidence(source=source, key=key, sha256=digest, text=text, record=shown)


class Difference(Frozen):
    """
    Something that does not agree, with both sides.

    ``subject`` names what it is about in the words of the people who sell and post.
    ``difference`` is ERP minus outside; net and tax are filled where both are known.
    ``effect`` is what it adds to the right side of its identity, empty where it adds nothing.
    ``since`` is the day it began, ``age_days`` counts from there to the key date. ``cause`` is the
    id of another difference that brought this one about.
    """

    id: str
    code: BreakCode
    identity: int
    scope: Scope
    subject: str
    keys: tuple[Key, ...]
    outside: Side
    erp: Side
    difference: Money | None = None
    net_difference: Money | None = None
    tax_difference: Money | None = None
    quantity_difference: Decimal | None = None
    unit: str = ""
    effect: Money | None = None
    since: date
    age_days: int
    text: str
    evidence: tuple[Evidence, ...] = ()
    cause: str = ""

    def key(self, name: str) -> str:
        """Return the business key called *name*, empty when the difference has none."""
        return next((key.value for key in self.keys if key.name == name), "")


class Break(Difference):
    """A difference that a person must look at; ``owner`` is empty until somebody takes it."""

    severity: Severity
    owner: str = ""


class Pending(Difference):
    """A difference of timing; on ``break_on`` it becomes a break of its code."""

    break_on: date


class ExplainedReason(StrEnum):
    """Why a difference needs nobody."""

    TOLERANCE = "within tolerance"
    TAX_INSIDE_PRICE = "tax rounding inside tax-included prices"
    CASH_DISCOUNT = "cash discount earned"
    CREDIT_MEMO = "credit memo"
    DEBIT_MEMO = "debit memo"
    OTHER_CURRENCY = "billed in another currency than ordered"
    NOT_RELEVANT_TO_FI = "not relevant to accounting"
    PROVIDER_FEE = "fee of the payment provider"
    EXCHANGE = "exchange difference realised"
    HELD_BY_PROVIDER = "held back by the payment provider"


class Explained(Frozen):
    """
    A difference with its reason.

    ``code`` is what it would be without that reason, where one of the break codes fits. Net and
    tax are filled where both are known: a gross of zero may hide cents between them.
    """

    reason: ExplainedReason
    identity: int
    scope: Scope
    subject: str
    keys: tuple[Key, ...]
    amount: Money
    effect: Money
    text: str
    code: BreakCode | None = None
    net_difference: Money | None = None
    tax_difference: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    A difference before the rules were applied to it.

    ``difference`` and ``effect`` are in the scope's currency; ``break_on`` is empty where no time
    makes it right. ``absorbable`` is off where a tolerance would hide a missing document;
    ``explained_by`` is filled where the difference is nobody's to work on, whatever was agreed.
    """

    code: BreakCode
    identity: int
    scope: Scope
    subject: str
    keys: dict[str, str]
    outside: Side
    erp: Side
    since: date
    text: str
    difference: Decimal | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    quantity_difference: Decimal | None = None
    unit: str = ""
    effect: Decimal = Decimal(0)
    break_on: date | None = None
    evidence: tuple[Evidence, ...] = ()
    cause: str = ""
    severity: Severity | None = None
    absorbable: bool = False
    explained_by: ExplainedReason | None = None

    @property
    def id(self) -> str:
        return stable_id(self.code, self.keys.items())


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None or not currency else Money(amount=amount, currency=currency)


def _reason(finding: Finding, rules: ReconciliationRules) -> ExplainedReason | None:
    """Return what explains *finding*, None where nothing does."""
    if finding.explained_by is not None:
        return finding.explained_by
    if not finding.absorbable or finding.difference is None:
        return None
    base = finding.outside.amount.amount if finding.outside.amount else Decimal(0)
    within = rules.absorbs(finding.code, finding.scope.currency, finding.difference, base)
    return ExplainedReason.TOLERANCE if within else None


def judge(
    finding: Finding, rules: ReconciliationRules, key_date: date
) -> Explained | Pending | Break:
    """
    Decide how *finding* ends on *key_date*.

    What explains itself comes first, then tolerance, then grace: what the agreed amount absorbs
    never becomes a break.
    """
    currency = finding.scope.stated_in
    keys = tuple(Key(name=name, value=value) for name, value in sorted(finding.keys.items()))
    reason = _reason(finding, rules)
    if reason is not None:
        return Explained(
            reason=reason,
            identity=finding.identity,
            scope=finding.scope,
            subject=finding.subject,
            keys=keys,
            amount=Money(amount=finding.difference or Decimal(0), currency=currency),
            effect=Money(amount=finding.effect, currency=currency),
            text=finding.text,
            code=finding.code,
            net_difference=_money(finding.net, currency),
            tax_difference=_money(finding.tax, currency),
        )
    shared = {
        "id": finding.id,
        "code": finding.code,
        "identity": finding.identity,
        "scope": finding.scope,
        "subject": finding.subject,
        "keys": keys,
        "outside": finding.outside,
        "erp": finding.erp,
        "difference": _money(finding.difference, currency),
        "net_difference": _money(finding.net, currency),
        "tax_difference": _money(finding.tax, currency),
        "quantity_difference": finding.quantity_difference,
        "unit": finding.unit,
        "effect": _money(finding.effect, currency) if finding.effect else None,
        "since": finding.since,
        "age_days": max((key_date - finding.since).days, 0),
        "text": finding.text,
        "evidence": finding.evidence,
        "cause": finding.cause,
    }
    if finding.break_on is not None and finding.break_on > key_date:
        named = tuple(each.model_copy(update={"record": ""}) for each in finding.evidence)
        return Pending.model_validate({**shared, "evidence": named, "break_on": finding.break_on})
    severity = finding.severity or CATALOGUE[finding.code].severity
    return Break.model_validate({**shared, "severity": severity})
