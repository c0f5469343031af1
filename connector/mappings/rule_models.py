"""
The mapping rules as written in YAML, checked field by field: what each kind of document may have.

The values in them are those of :mod:`connector.mappings.value_rules`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from connector.mappings.problems import HoldCode
from connector.mappings.value_rules import Expr, Lookups, Rule, ScopeName, ValueRule
from connector.sd_documents.values import DocumentCategory


class AddressRules(Rule):
    """A manual address, for one-time customers and deliveries elsewhere."""

    when: Expr | None = None
    name: ValueRule
    name_2: ValueRule | None = None
    street: ValueRule | None = None
    postal_code: ValueRule | None = None
    city: ValueRule | None = None
    region: ValueRule | None = None
    country: ValueRule
    telephone: ValueRule | None = None
    email: ValueRule | None = None


class _Named(Rule):
    """Something in a list that rules which include these can override by its ``name``."""

    name: ScopeName | None = None


class PartnerRules(_Named):
    """
    A partner of the header or of an item; without one the ERP takes its own.

    ``one_time_customer`` is the account of the ERP that stands for whoever has none of their own;
    it is taken, and listed, where ``customer`` finds nothing. Its address comes with the order.
    """

    function: Literal["sold_to_party", "ship_to_party", "bill_to_party", "payer"]
    when: Expr | None = None
    customer: ValueRule
    one_time_customer: ValueRule | None = None
    address: AddressRules | None = None


class ConditionRules(_Named):
    """
    A manual condition, or one per element of ``each``.

    Without ``currency`` the rate is a percentage. ``place: item_with_same_tax`` puts a condition of
    the header on the largest item that is taxed at the entry's rate. ``place: items`` shares its
    amount among the items for which ``among`` holds (all without it), by their value and exact to
    the cent: what the largest remainders get makes the shares add up.
    """

    condition_type: Annotated[str, StringConstraints(min_length=1, max_length=4)]
    when: Expr | None = None
    each: Expr | None = None
    place: Literal["header", "item_with_same_tax", "items"] = "header"
    among: Expr | None = None
    rate: ValueRule
    currency: ValueRule | None = None
    per: ValueRule | None = None
    unit: ValueRule | None = None
    because: str = ""

    @model_validator(mode="after")
    def _shares_among_items(self) -> Self:
        if self.among is not None and self.place != "items":
            raise ValueError("`among` says which items share; it needs `place: items`")
        return self


class TextRules(_Named):
    """A text under the ERP's text id; an empty one is left out."""

    text_id: Annotated[str, StringConstraints(min_length=1, max_length=4)]
    language: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "EN"
    when: Expr | None = None
    content: ValueRule


class ScheduleLineRules(Rule):
    """Schedule lines of an item: one per element of ``each`` (none: the header's date holds)."""

    each: Expr
    requested_delivery_date: ValueRule
    quantity: ValueRule
    material_availability_date: ValueRule | None = None
    goods_issue_date: ValueRule | None = None


class ReferenceDocumentRules(Rule):
    """The document of the ERP that an order refers to, where ``when`` holds and it has a number."""

    category: Literal["inquiry", "quotation", "contract", "sales_order"]
    when: Expr | None = None
    document: ValueRule


class ReferenceItemRules(ReferenceDocumentRules):
    """The item of the ERP that an item refers to; both numbers or none."""

    item: ValueRule


class ItemRules(Rule):
    """
    The item of an order line.

    ``requested_delivery_date`` is the line's own day, where it differs from the header's;
    ``schedule_lines`` win over it.
    """

    lookups: Lookups = Field(default_factory=dict)
    material: ValueRule
    quantity: ValueRule = Field(default_factory=lambda: ValueRule.model_validate("line.quantity"))
    unit: ValueRule
    customer_material: ValueRule | None = None
    item_text: ValueRule | None = None
    item_category: ValueRule | None = None
    plant: ValueRule | None = None
    shipping_point: ValueRule | None = None
    reference: ReferenceItemRules | None = None
    requested_delivery_date: ValueRule | None = None
    schedule_lines: ScheduleLineRules | None = None
    partners: tuple[PartnerRules, ...] = ()
    conditions: tuple[ConditionRules, ...] = ()
    texts: tuple[TextRules, ...] = ()

    @field_validator("conditions")
    @classmethod
    def _stay_on_their_item(cls, value: tuple[ConditionRules, ...]) -> tuple[ConditionRules, ...]:
        if any(rule.place != "header" for rule in value):
            raise ValueError("`place` is for conditions of the document: these stay on their item")
        return value


class DocumentRules(Rule):
    """One sales document. Fields that have no rule stay empty: the ERP takes its own."""

    sales_order_type: ValueRule
    sales_organization: ValueRule
    distribution_channel: ValueRule
    division: ValueRule
    currency: ValueRule
    requested_delivery_date: ValueRule
    purchase_order_date: ValueRule | None = None
    document_date: ValueRule | None = None
    valid_from: ValueRule | None = None
    valid_to: ValueRule | None = None
    pricing_date: ValueRule | None = None
    payment_terms: ValueRule | None = None
    incoterms: ValueRule | None = None
    incoterms_location: ValueRule | None = None
    order_reason: ValueRule | None = None
    delivery_block_reason: ValueRule | None = None
    billing_block_reason: ValueRule | None = None
    assignment: ValueRule | None = None
    reference: ReferenceDocumentRules | None = None
    partners: Annotated[tuple[PartnerRules, ...], Field(min_length=1)]
    items: ItemRules
    conditions: tuple[ConditionRules, ...] = ()
    texts: tuple[TextRules, ...] = ()


class PaymentRules(Rule):
    """What the channel's payments become in FI. ``reference_prefix`` tells channels apart."""

    lookups: Lookups = Field(default_factory=dict)
    reference_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")]
    company_code: ValueRule
    bank_account: ValueRule
    payer: ValueRule
    paid_on: ValueRule


class HoldRule(_Named):
    """A reason of these rules to hold an order: ``message`` says what a person should do."""

    code: HoldCode
    when: Expr
    message: Annotated[str, StringConstraints(min_length=10)]
    where: str = ""


class ReferenceRules(Rule):
    """
    The reference by which documents are found again: ``prefix`` and the channel's order id.

    With ``prefix_included`` the ids of the channel start with the prefix already.
    """

    prefix: Annotated[str, StringConstraints(max_length=20, pattern=r"^[A-Z0-9][A-Z0-9._/-]*$")]
    prefix_included: bool = False


class TableRules(Rule):
    """
    A value table: a file beside the rules, or master data of the ERP.

    ``key`` are the columns that make a row unique. A workbook (``.xlsx``) is read from its first
    sheet or from ``sheet``. ``repeats: hold`` allows rows that repeat a key: an order that needs
    one of them is held until a person decides. ``master_data`` is read where the ERP may be asked.
    """

    file: Annotated[str, StringConstraints(min_length=1)] | None = None
    sheet: str = ""
    master_data: (
        Literal["customer_materials", "customer_partners", "customers", "materials", "units"] | None
    ) = None
    key: Annotated[tuple[str, ...], Field(min_length=1)]
    repeats: Literal["refuse", "hold"] = "refuse"

    @model_validator(mode="before")
    @classmethod
    def _one_column(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("key"), str):
            return {**value, "key": [value["key"]]}
        return value

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.file is None) == (self.master_data is None):
            raise ValueError("needs either `file` or `master_data`")
        return self


class CalendarRules(Rule):
    """
    The working days of the company: free weekdays, and holidays from a CSV file and by hand.

    ``until`` is the last day that the holidays cover, the end of the year of the last one when
    empty. Dates beyond it are not guessed: the order is held until the calendar goes on.
    """

    weekend: tuple[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], ...
    ] = ("saturday", "sunday")
    file: Annotated[str, StringConstraints(min_length=1)] | None = None
    holidays: tuple[date, ...] = ()
    until: date | None = None

    @field_validator("weekend")
    @classmethod
    def _leaves_a_working_day(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) == 7:
            raise ValueError("leaves no working day")
        return value


DocumentName = Literal[
    "inquiry", "quotation", "sales_order", "returns_order",
    "credit_memo_request", "debit_memo_request",
]  # fmt: skip


class RulesFile(Rule):
    """
    The whole of a rules file, with what it includes.

    With ``strict`` nothing stands in for a row that a table lacks: every default that a lookup
    would take holds the order. ``proposal`` marks what a program proposed and nobody has checked
    yet: it can be tried, and is refused for real orders.
    """

    include: tuple[str, ...] | str = ()
    proposal: str = ""
    channel: str
    description: str = ""
    reference: ReferenceRules
    strict: bool = False
    tables: dict[ScopeName, TableRules] = Field(default_factory=dict)
    calendars: dict[ScopeName, CalendarRules] = Field(default_factory=dict)
    lookups: Lookups = Field(default_factory=dict)
    holds: tuple[HoldRule, ...] = ()
    documents: Annotated[dict[DocumentName, DocumentRules], Field(min_length=1)]
    payments: PaymentRules | None = None


def category_of(name: DocumentName) -> DocumentCategory:
    """Return the category of the document that rules call *name*."""
    return DocumentCategory[name.upper()]
