"""
Plans: who makes which document of an order's chain.

A plan is a YAML file in ``config/plans/``. Services have no delivery, a company with its own
delivery and billing jobs lets the connector observe them, another lets it create everything.
"""

from __future__ import annotations

import difflib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connector.errors import ConfigurationError
from connector.ports.step_state import Operation
from connector.sd_documents.values import DocumentCategory


class MadeBy(StrEnum):
    """Who makes a document."""

    #: The connector creates it.
    CREATE = "create"
    #: The ERP's own job or a person creates it; the connector waits and mirrors it.
    OBSERVE = "observe"
    #: It does not occur.
    ABSENT = "absent"


class DifferingPayment(StrEnum):
    """What to do with a payment that is not what the customer owes."""

    #: Stop the flow, a person decides; nothing is posted.
    HOLD = "hold"
    #: Post it on the payer's account without clearing anything.
    ON_ACCOUNT = "on account"
    #: Post less than is owed as a partial payment of its invoice, which stays open.
    PARTIAL = "partial"
    #: Post less than is owed and clear the invoice: the rest becomes an item of its own.
    RESIDUAL = "residual"


class PaymentSource(StrEnum):
    """What has to be there before a payment is posted."""

    #: The channel's word that it was paid.
    CHANNEL = "channel"
    #: The money: a line of a payout, or of a bank statement.
    STATEMENTS = "statements"


class EarlyPayment(StrEnum):
    """What to do with money that comes before there is anything to be paid."""

    #: It waits for its invoice.
    WAIT = "wait"
    #: Post it on the payer's account; the ERP's own run clears it with the invoice.
    ON_ACCOUNT = "on account"
    #: Post it as a down payment (special G/L), which the ERP's people clear with the invoice.
    DOWN_PAYMENT = "down payment"


class Changes(StrEnum):
    """What to do when a new version of an order changes what the ERP has."""

    #: Stop the flow, a person decides; nothing is changed.
    HOLD = "hold"
    #: Send the difference to the ERP.
    SEND = "send"


class Reversals(StrEnum):
    """Whether a person may have documents cancelled or taken back by the connector."""

    ALLOW = "allow"
    #: Only the ERP's own people reverse anything, in the ERP.
    REFUSE = "refuse"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentPlan(_Strict):
    """
    Who makes a document, and how many days after what precedes it.

    ``wait_days`` counts calendar days in the company's time zone and matters for ``create`` alone.
    """

    by: MadeBy
    wait_days: Annotated[int, Field(ge=0, le=3650)] = 0

    @property
    def is_created(self) -> bool:
        return self.by is MadeBy.CREATE

    @property
    def occurs(self) -> bool:
        return self.by is not MadeBy.ABSENT


class BillingPlan(DocumentPlan):
    """
    Billing. With ``collective`` one request bills everything once the order is completely issued,
    otherwise each delivery is billed as soon as its goods issue is posted.
    """

    collective: bool = True


class PaymentPlan(DocumentPlan):
    """
    Payments that the channel reports, or that payouts and bank statements show.

    ``source`` says which of them is posted. ``differing`` says what happens to unexpected amounts
    (from statements: what is proposed to a person), ``before_invoice`` to money that comes early.
    ``special_gl_indicator`` marks down payments.
    """

    source: PaymentSource = PaymentSource.CHANNEL
    differing: DifferingPayment = DifferingPayment.HOLD
    before_invoice: EarlyPayment = EarlyPayment.WAIT
    special_gl_indicator: Annotated[str, Field(min_length=1, max_length=1)] = "A"

    @property
    def is_from_statements(self) -> bool:
        """Whether the connector posts what came in, and not what the channel reports."""
        return self.is_created and self.source is PaymentSource.STATEMENTS


class ChangePlan(_Strict):
    """
    Changes of an order after its document was created.

    ``by`` is ``hold`` unless a plan says otherwise: a shop that changes orders at will must not
    change what a person in the ERP may be working on. ``rejection_reason`` (ABGRU) rejects the
    items of lines that are gone, and all items of an order that is cancelled; empty: a person
    rejects them.
    """

    by: Changes = Changes.HOLD
    rejection_reason: Annotated[str, Field(max_length=2)] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        return {"by": value} if isinstance(value, str) else value

    @property
    def are_sent(self) -> bool:
        return self.by is Changes.SEND


_ABSENT: Final = DocumentPlan(by=MadeBy.ABSENT)

#: The sales documents that a plan may have, in the order in which they follow from each other.
SALES_CHAIN: Final = (
    (DocumentCategory.INQUIRY, Operation.CREATE_INQUIRY),
    (DocumentCategory.QUOTATION, Operation.CREATE_QUOTATION),
    (DocumentCategory.SALES_ORDER, Operation.CREATE_SALES_ORDER),
)

#: What corrects an order afterwards, and the step that makes it.
CORRECTIONS: Final = {
    DocumentCategory.RETURNS_ORDER: Operation.CREATE_RETURNS_ORDER,
    DocumentCategory.CREDIT_MEMO_REQUEST: Operation.CREATE_CREDIT_MEMO_REQUEST,
    DocumentCategory.DEBIT_MEMO_REQUEST: Operation.CREATE_DEBIT_MEMO_REQUEST,
}

#: What changes the sales documents of the chain. An inquiry asks; the next one is made anew.
CHANGE_OF: Final = {
    DocumentCategory.QUOTATION: Operation.CHANGE_QUOTATION,
    DocumentCategory.SALES_ORDER: Operation.CHANGE_SALES_ORDER,
}


class Plan(_Strict):
    """
    A whole plan.

    ``delivery`` absent is right for services, and then ``goods_issue`` is absent as well. What
    comes back follows ``returns_order`` with ``returns_delivery`` and ``goods_receipt``; its
    credit memo and those of memo requests follow ``billing``.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    description: str = ""
    inquiry: DocumentPlan = _ABSENT
    quotation: DocumentPlan = _ABSENT
    sales_order: DocumentPlan
    delivery: DocumentPlan
    goods_issue: DocumentPlan
    billing: BillingPlan
    payment: PaymentPlan
    returns_order: DocumentPlan = _ABSENT
    returns_delivery: DocumentPlan = _ABSENT
    goods_receipt: DocumentPlan = _ABSENT
    credit_memo_request: DocumentPlan = _ABSENT
    debit_memo_request: DocumentPlan = _ABSENT
    changes: ChangePlan = ChangePlan()
    reversals: Reversals = Reversals.ALLOW

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if not self.sales_order.is_created:
            raise ValueError("sales_order must be 'create': the flow starts with it")
        for name, document in (("inquiry", self.inquiry), ("quotation", self.quotation)):
            if document.by is MadeBy.OBSERVE:
                raise ValueError(f"{name} can only be 'create' or 'absent'")
        if self.delivery.occurs != self.goods_issue.occurs:
            raise ValueError("delivery and goods_issue occur together or not at all")
        if self.returns_delivery.occurs != self.goods_receipt.occurs:
            raise ValueError("returns_delivery and goods_receipt occur together or not at all")
        if self.returns_delivery.occurs and not self.returns_order.occurs:
            raise ValueError("returns_delivery needs a returns_order")
        if self.payment.occurs and not self.billing.occurs:
            raise ValueError("a payment needs billing: there is nothing to be paid otherwise")
        return self

    def sales_document(self, category: DocumentCategory) -> DocumentPlan:
        """Return what the plan says of a sales document."""
        return {
            DocumentCategory.INQUIRY: self.inquiry,
            DocumentCategory.QUOTATION: self.quotation,
            DocumentCategory.SALES_ORDER: self.sales_order,
            DocumentCategory.RETURNS_ORDER: self.returns_order,
            DocumentCategory.CREDIT_MEMO_REQUEST: self.credit_memo_request,
            DocumentCategory.DEBIT_MEMO_REQUEST: self.debit_memo_request,
        }[category]

    def delivery_of(self, category: DocumentCategory) -> tuple[DocumentPlan, DocumentPlan]:
        """Return who delivers an order or a returns order, and who posts the goods movement."""
        if category is DocumentCategory.RETURNS_ORDER:
            return self.returns_delivery, self.goods_receipt
        return self.delivery, self.goods_issue

    @property
    def created_sales_documents(self) -> tuple[DocumentCategory, ...]:
        """Return the categories that the connector creates, in their order."""
        return tuple(
            category for category, _ in SALES_CHAIN if self.sales_document(category).is_created
        )


def load_plan(path: Path) -> Plan:
    """
    Read one plan.

    Raises:
        ConfigurationError: the file is missing, no YAML, or says something a plan cannot; the
            message names file and key, and the nearest right key for a misspelt one.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(str(path), f"cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(str(path), f"is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(str(path), "a plan is a mapping of documents to who makes them")
    try:
        return Plan.model_validate({"name": path.stem, **content})
    except ValidationError as error:
        raise _explained(path, error, content) from error


def load_plans(folder: Path) -> dict[str, Plan]:
    """Read all plans of *folder*, by name. Raises ConfigurationError when there is none."""
    plans = {plan.name: plan for plan in map(load_plan, sorted(folder.glob("*.yaml")))}
    if not plans:
        raise ConfigurationError(str(folder), "holds no plan", "Expected files like standard.yaml")
    return plans


def _explained(path: Path, error: ValidationError, content: dict[str, Any]) -> ConfigurationError:
    # A misspelt key is missing under its right name as well: the misspelling is the cause.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    location = ".".join(str(part) for part in first["loc"])
    hint = ""
    if first["type"] == "extra_forbidden":
        model: type[BaseModel] = Plan
        for part in first["loc"][:-1]:
            model = type(getattr(_EXAMPLE, str(part)))
        known = list(model.model_fields)
        nearest = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
        hint = f"Did you mean {nearest[0]}?" if nearest else f"Known: {', '.join(known)}"
        return ConfigurationError(f"{path}: {location}", "unknown key", hint)
    return ConfigurationError(f"{path}: {location}" if location else str(path), first["msg"], hint)


_EXAMPLE: Final = Plan(
    name="example",
    sales_order=DocumentPlan(by=MadeBy.CREATE),
    delivery=_ABSENT,
    goods_issue=_ABSENT,
    billing=BillingPlan(by=MadeBy.ABSENT),
    payment=PaymentPlan(by=MadeBy.ABSENT),
)
