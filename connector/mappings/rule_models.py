"""
The mapping rules as written in YAML, checked field by field.

Every value of a document is a :class:`ValueRule`. Written as a text it is a JMESPath expression;
as a mapping it may have a condition, a default and a reason; as a list the first choice whose
condition holds decides. Expressions see ``order`` (the external order), the names of the lookups,
``calendars``, and where it applies ``line``, ``entry`` (the element of ``each``), ``item``
(material, unit and number so far) and ``payment``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from connector.mappings.expressions import Expression, ExpressionError, compile_expression
from connector.mappings.problems import HoldCode
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import DocumentCategory

ScopeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


def _expression(value: Any) -> Expression:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a JMESPath expression; a fixed text goes into `constant`")
    try:
        return compile_expression(value.strip())
    except ExpressionError as error:
        raise ValueError(str(error)) from None


def _literal(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


Expr = Annotated[
    Expression,
    PlainValidator(_expression),
    WithJsonSchema({"type": "string", "minLength": 1, "description": "A JMESPath expression"}),
]
Literal_ = Annotated[
    str,
    BeforeValidator(_literal),
    WithJsonSchema({"type": ["string", "number"], "description": "A fixed text"}),
]


class _Rule(Frozen):
    model_config = ConfigDict(arbitrary_types_allowed=True)


class LookupChoice(_Rule):
    """A row of ``table`` by the values of ``by``, one expression per key column."""

    table: str
    by: tuple[Expr, ...]
    when: Expr | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_key(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("by"), str):
            return {**value, "by": [value["by"]]}
        return value


class Cell(_Rule):
    """
    One cell of a value table, for a single use: ``column`` of the row that ``by`` finds.

    ``missing`` is the hold reason where there is no row; without it the value is empty then.
    """

    table: str
    by: tuple[Expr, ...]
    column: Annotated[str, StringConstraints(min_length=1)]
    missing: HoldCode | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_key(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("by"), str):
            return {**value, "by": [value["by"]]}
        return value


class Choice(_Rule):
    """
    One way to a value: an expression, a constant or a cell of a table.

    It counts if ``when`` holds; ``default`` takes the place of an empty result. ``required`` holds
    the order where the whole rule finds nothing, ``strict`` where a default stands in for a row
    that a table does not have. ``because`` is the reason that explanations give.
    """

    value: Expr | None = None
    constant: Literal_ | None = None
    lookup: Cell | None = None
    when: Expr | None = None
    default: Literal_ | None = None
    required: bool = False
    strict: bool = False
    because: str = ""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        given = [part for part in (self.value, self.constant, self.lookup) if part is not None]
        if len(given) != 1:
            raise ValueError("needs either `value` (an expression) or `constant`, or `lookup`")
        return self


class ValueRule(_Rule):
    """Where a value comes from: the first choice that applies and yields something."""

    choices: Annotated[tuple[Choice, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if isinstance(value, list):
            return {"choices": [{"value": v} if isinstance(v, str) else v for v in value]}
        if isinstance(value, dict) and "choices" not in value:
            return {"choices": [value]}
        if not isinstance(value, dict):
            return {"choices": [{"value": value}]}
        return value


class Lookup(_Rule):
    """
    A row of a value table, seen in expressions under the lookup's name.

    The first choice with a row decides; without any the order is held with ``missing``, or the
    name stays empty where ``missing`` is empty. A row found by ``*`` is a default: it is listed
    with the amount it concerns, and with ``strict`` holds the order.
    """

    choices: Annotated[tuple[LookupChoice, ...], Field(min_length=1)]
    missing: HoldCode | None = None
    strict: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if isinstance(value, dict) and "choices" not in value:
            common = ("missing", "strict")
            inner = {name: part for name, part in value.items() if name not in common}
            return {"choices": [inner], **{k: v for k, v in value.items() if k in common}}
        return value


Lookups = dict[ScopeName, Lookup]


class AddressRules(_Rule):
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


class _Named(_Rule):
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


class ScheduleLineRules(_Rule):
    """Schedule lines of an item: one per element of ``each`` (none: the header's date holds)."""

    each: Expr
    requested_delivery_date: ValueRule
    quantity: ValueRule
    material_availability_date: ValueRule | None = None
    goods_issue_date: ValueRule | None = None


class ReferenceDocumentRules(_Rule):
    """The document of the ERP that an order refers to, where ``when`` holds and it has a number."""

    category: Literal["inquiry", "quotation", "contract", "sales_order"]
    when: Expr | None = None
    document: ValueRule


class ReferenceItemRules(ReferenceDocumentRules):
    """The item of the ERP that an item refers to; both numbers or none."""

    item: ValueRule


class ItemRules(_Rule):
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


class DocumentRules(_Rule):
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


class PaymentRules(_Rule):
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


class ReferenceRules(_Rule):
    """
    The reference by which documents are found again: ``prefix`` and the channel's order id.

    With ``prefix_included`` the ids of the channel start with the prefix already.
    """

    prefix: Annotated[str, StringConstraints(max_length=20, pattern=r"^[A-Z0-9][A-Z0-9._/-]*$")]
    prefix_included: bool = False


class TableRules(_Rule):
    """
    A value table: a file beside the rules, or master data of the ERP.

    ``key`` are the columns that make a row unique. A workbook (``.xlsx``) is read from its first
    sheet or from ``sheet``. ``repeats: hold`` allows rows that repeat a key: an order that needs
    one of them is held until a person decides. ``master_data`` is read where the ERP may be asked.
    """

    file: Annotated[str, StringConstraints(min_length=1)] | None = None
    sheet: str = ""
    master_data: Literal["customer_materials", "customers", "materials"] | None = None
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


class CalendarRules(_Rule):
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


class RulesFile(_Rule):
    """
    The whole of a rules file, with what it includes.

    With ``strict`` nothing stands in for a row that a table lacks: every default that a lookup
    would take holds the order.
    """

    include: tuple[str, ...] | str = ()
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
