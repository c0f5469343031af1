"""
Rules made ready to run: everything that an order does not change is worked out here, once.

Each value knows its key in the rules, the text of its trace, and file and line of the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from connector.mappings.expressions import Expression
from connector.mappings.rule_models import (
    AddressRules,
    Cell,
    Choice,
    ConditionRules,
    DocumentRules,
    ItemRules,
    Lookup,
    Lookups,
    PartnerRules,
    PaymentRules,
    ReferenceDocumentRules,
    ReferenceItemRules,
    RulesFile,
    ScheduleLineRules,
    TextRules,
    ValueRule,
    category_of,
)
from connector.mappings.value_tables import Match
from connector.sd_documents.partners import PartnerFunction
from connector.sd_documents.values import DocumentCategory

Key = tuple[str | int, ...]
#: File and line of a key, as ``shop.yaml:12``.
WrittenAt = Callable[[Key], str]

HEADER_REQUIRED: Final = ("sales_order_type", "currency", "requested_delivery_date")
HEADER_OPTIONAL: Final = (
    "purchase_order_date",
    "document_date",
    "valid_from",
    "valid_to",
    "pricing_date",
    "payment_terms",
    "incoterms",
    "incoterms_location",
    "order_reason",
    "delivery_block_reason",
    "billing_block_reason",
    "assignment",
)
SALES_AREA: Final = ("sales_organization", "distribution_channel", "division")
ITEM_OPTIONAL: Final = (
    "customer_material",
    "item_text",
    "item_category",
    "plant",
    "shipping_point",
)
ADDRESS: Final = tuple(name for name in AddressRules.model_fields if name != "when")
ADDRESS_REQUIRED: Final = frozenset({"name", "country"})
PAYMENT: Final = ("company_code", "bank_account", "payer", "paid_on")


class Table(Protocol):
    """A table of rows by key: a file's, or the ERP's."""

    @property
    def label(self) -> str: ...

    @property
    def key(self) -> tuple[str, ...]: ...

    def match(self, values: list[str]) -> Match | None: ...


@dataclass(frozen=True, slots=True)
class At:
    """A key of the rules: as traces write it, and as it stands in the file."""

    text: str
    parts: Key

    def field(self, name: str) -> At:
        """Return the key *name* below."""
        return At(f"{self.text}.{name}" if self.text else name, (*self.parts, name))

    def element(self, name: str, number: int) -> At:
        """Return the key of an element of the list *name* below."""
        inner = self.field(name)
        return At(f"{inner.text}[{number}]", (*inner.parts, number))


@dataclass(frozen=True, slots=True)
class LookupWay:
    """One table to look in; ``paths`` are what is looked up, as its message names it."""

    table: str
    by: tuple[Expression, ...]
    when: Expression | None


@dataclass(frozen=True, slots=True)
class CompiledLookup:
    """A lookup under its ``name``, or of one cell (``column``)."""

    name: str
    key: str
    ways: tuple[LookupWay, ...]
    missing: str | None
    strict: bool
    column: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """
    One choice of a value.

    ``rule``, ``rule_default`` are the trace's words for it, ``file`` where it is written.
    """

    when: Expression | None
    expression: Expression | None
    cell: CompiledLookup | None
    constant: str | None
    default: str | None
    strict: bool
    because: str
    rule: str
    rule_default: str
    file: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a document: ``name`` is its path there, ``key`` its rule."""

    name: str
    key: str
    ways: tuple[Way, ...]
    required: bool

    @property
    def shown(self) -> str:
        """What the rule reads, for messages."""
        read = [f"`{w.expression.text}`" for w in self.ways if w.expression is not None]
        read += [f"{w.cell.ways[0].table}.{w.cell.column}" for w in self.ways if w.cell is not None]
        return " or ".join(read) or "nothing that applies"


#: Values with the name of the field that they fill.
Fields = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class CompiledAddress:
    """The address of a partner."""

    key: str
    when: Expression | None
    fields: Fields


@dataclass(frozen=True, slots=True)
class CompiledPartner:
    """A partner."""

    key: str
    function: PartnerFunction
    when: Expression | None
    customer: Value
    one_time_customer: Value | None
    address: CompiledAddress | None


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A condition; ``constant`` is the trace's word for its type."""

    key: str
    condition_type: str
    constant: str
    because: str
    file: str
    when: Expression | None
    each: Expression | None
    place: str
    among: Expression | None
    rate: Value
    fields: Fields


@dataclass(frozen=True, slots=True)
class CompiledText:
    """A text."""

    key: str
    text_id: str
    language: str
    when: Expression | None
    content: Value


@dataclass(frozen=True, slots=True)
class CompiledScheduleLines:
    """Schedule lines of an item."""

    key: str
    each: Expression
    day: Value
    quantity: Value
    fields: Fields


@dataclass(frozen=True, slots=True)
class CompiledReference:
    """A reference to what the ERP has already; ``item`` for that of an item."""

    key: str
    category: DocumentCategory
    when: Expression | None
    document: Value
    item: Value | None = None


@dataclass(frozen=True, slots=True)
class CompiledItem:
    """The item of a line."""

    key: str
    lookups: tuple[CompiledLookup, ...]
    material: Value
    unit: Value
    quantity: Value
    fields: Fields
    day: Value | None
    schedule_lines: CompiledScheduleLines | None
    reference: CompiledReference | None
    partners: tuple[CompiledPartner, ...]
    conditions: tuple[CompiledCondition, ...]
    texts: tuple[CompiledText, ...]


@dataclass(frozen=True, slots=True)
class CompiledDocument:
    """A document."""

    key: str
    required: Fields
    area: Fields
    optional: Fields
    reference: CompiledReference | None
    partners: tuple[CompiledPartner, ...]
    items: CompiledItem
    conditions: tuple[CompiledCondition, ...]
    texts: tuple[CompiledText, ...]


@dataclass(frozen=True, slots=True)
class CompiledPayments:
    """The payments."""

    lookups: tuple[CompiledLookup, ...]
    fields: Fields
    reference_prefix: str


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """All of it; ``reference_file`` is where the rule of the reference stands."""

    lookups: tuple[CompiledLookup, ...]
    documents: Mapping[DocumentCategory, CompiledDocument]
    payments: CompiledPayments | None
    reference_file: str


def compile_rules(written: RulesFile, written_at: WrittenAt) -> CompiledRules:
    """Return *written* ready to run; *written_at* tells where a key stands."""
    compiler = _Compiler(written.strict, written_at)
    return CompiledRules(
        lookups=compiler.lookups(written.lookups, At("", ())),
        documents={
            category_of(name): compiler.document(rules, At("", ("documents",)), name)
            for name, rules in written.documents.items()
        },
        payments=compiler.payments(written.payments) if written.payments else None,
        reference_file=written_at(("reference", "prefix")),
    )


@dataclass(frozen=True, slots=True)
class _Compiler:
    strict: bool
    written_at: WrittenAt

    def document(self, rules: DocumentRules, above: At, name: str) -> CompiledDocument:
        at = At(f"documents.{name}", (*above.parts, name))
        return CompiledDocument(
            key=at.text,
            required=self.fields(rules, HEADER_REQUIRED, at),
            area=tuple(
                (field, self.value(getattr(rules, field), at.field(field), f"sales_area.{field}"))
                for field in SALES_AREA
            ),
            optional=self.fields(rules, HEADER_OPTIONAL, at),
            reference=self.reference(rules.reference, at.field("reference")),
            partners=self.partners(rules.partners, at),
            items=self.item(rules.items, at.field("items")),
            conditions=self.conditions(rules.conditions, at),
            texts=self.texts(rules.texts, at),
        )

    def item(self, rules: ItemRules, at: At) -> CompiledItem:
        day = rules.requested_delivery_date
        return CompiledItem(
            key=at.text,
            lookups=self.lookups(rules.lookups, at),
            material=self.value(rules.material, at.field("material")),
            unit=self.value(rules.unit, at.field("unit"), "requested_quantity.unit"),
            quantity=self.value(rules.quantity, at.field("quantity"), "requested_quantity.value"),
            fields=self.fields(rules, ITEM_OPTIONAL, at),
            day=self.value(day, at.field("requested_delivery_date")) if day else None,
            schedule_lines=self.schedule_lines(rules.schedule_lines, at.field("schedule_lines")),
            reference=self.reference(rules.reference, at.field("reference")),
            partners=self.partners(rules.partners, at),
            conditions=self.conditions(rules.conditions, at),
            texts=self.texts(rules.texts, at),
        )

    def schedule_lines(
        self, rules: ScheduleLineRules | None, at: At
    ) -> CompiledScheduleLines | None:
        if rules is None:
            return None
        return CompiledScheduleLines(
            key=at.text,
            each=rules.each,
            day=self.value(rules.requested_delivery_date, at.field("requested_delivery_date")),
            quantity=self.value(rules.quantity, at.field("quantity"), "requested_quantity.value"),
            fields=self.fields(rules, ("material_availability_date", "goods_issue_date"), at),
        )

    def reference(self, rules: ReferenceDocumentRules | None, at: At) -> CompiledReference | None:
        if rules is None:
            return None
        has_item = isinstance(rules, ReferenceItemRules)
        return CompiledReference(
            key=at.text,
            category=DocumentCategory[rules.category.upper()],
            when=rules.when,
            document=self.value(
                rules.document,
                at.field("document"),
                "reference.document" if has_item else "reference_document",
            ),
            item=self.value(rules.item, at.field("item"), "reference.item_number")
            if isinstance(rules, ReferenceItemRules)
            else None,
        )

    def partners(self, rules: tuple[PartnerRules, ...], at: At) -> tuple[CompiledPartner, ...]:
        return tuple(
            self.partner(rule, at.element("partners", number)) for number, rule in enumerate(rules)
        )

    def partner(self, rule: PartnerRules, at: At) -> CompiledPartner:
        one_time = rule.one_time_customer
        return CompiledPartner(
            key=at.text,
            function=PartnerFunction[rule.function.upper()],
            when=rule.when,
            customer=self.value(rule.customer, at.field("customer")),
            one_time_customer=self.value(one_time, at.field("one_time_customer"), "customer")
            if one_time
            else None,
            address=self.address(rule.address, at.field("address")) if rule.address else None,
        )

    def address(self, rules: AddressRules, at: At) -> CompiledAddress:
        return CompiledAddress(at.text, rules.when, self.fields(rules, ADDRESS, at, "address."))

    def conditions(
        self, rules: tuple[ConditionRules, ...], at: At
    ) -> tuple[CompiledCondition, ...]:
        return tuple(
            self.condition(rule, at.element("conditions", number))
            for number, rule in enumerate(rules)
        )

    def condition(self, rule: ConditionRules, at: At) -> CompiledCondition:
        return CompiledCondition(
            key=at.text,
            condition_type=rule.condition_type,
            constant=f"{at.text}.condition_type = constant",
            because=rule.because,
            file=self.written_at((*at.parts, "condition_type")),
            when=rule.when,
            each=rule.each,
            place=rule.place,
            among=rule.among,
            rate=self.value(rule.rate, at.field("rate"), because=rule.because),
            fields=self.fields(rule, ("currency", "per", "unit"), at),
        )

    def texts(self, rules: tuple[TextRules, ...], at: At) -> tuple[CompiledText, ...]:
        return tuple(
            self.text(rule, at.element("texts", number)) for number, rule in enumerate(rules)
        )

    def text(self, rule: TextRules, at: At) -> CompiledText:
        content = self.value(rule.content, At(at.text, (*at.parts, "content")), "")
        return CompiledText(at.text, rule.text_id, rule.language, rule.when, content)

    def payments(self, rules: PaymentRules) -> CompiledPayments:
        at = At("payments", ("payments",))
        return CompiledPayments(
            lookups=self.lookups(rules.lookups, at),
            fields=self.fields(rules, PAYMENT, at),
            reference_prefix=rules.reference_prefix,
        )

    def lookups(self, rules: Lookups, above: At) -> tuple[CompiledLookup, ...]:
        at = above.field("lookups")
        return tuple(self.lookup(name, rule, at.field(name)) for name, rule in rules.items())

    def lookup(self, name: str, rule: Lookup, at: At) -> CompiledLookup:
        ways = tuple(LookupWay(each.table, each.by, each.when) for each in rule.choices)
        return CompiledLookup(name, at.text, ways, rule.missing, rule.strict or self.strict)

    def cell(self, rule: Cell, at: At, strict: bool) -> CompiledLookup:
        ways = (LookupWay(rule.table, rule.by, None),)
        return CompiledLookup("", at.text, ways, rule.missing, strict, rule.column)

    def fields(self, rules: Any, names: tuple[str, ...], at: At, prefix: str = "") -> Fields:
        return tuple(
            (name, self.value(getattr(rules, name), at.field(name), f"{prefix}{name}"))
            for name in names
            if getattr(rules, name) is not None
        )

    def value(self, rule: ValueRule, at: At, name: str | None = None, because: str = "") -> Value:
        return Value(
            name=at.parts[-1] if name is None else name,  # type: ignore[arg-type]
            key=at.text,
            ways=tuple(
                self.way(choice, at, number, because) for number, choice in enumerate(rule.choices)
            ),
            required=any(choice.required for choice in rule.choices),
        )

    def way(self, choice: Choice, at: At, number: int, because: str) -> Way:
        strict = choice.strict or self.strict
        rule = f"{at.text} = constant"
        if choice.value is not None:
            rule = f"{at.text} = {choice.value.text}"
        elif choice.lookup is not None:
            rule = f"{at.text} = {choice.lookup.table}.{choice.lookup.column}"
        return Way(
            when=choice.when,
            expression=choice.value,
            cell=self.cell(choice.lookup, at, strict) if choice.lookup is not None else None,
            constant=choice.constant,
            default=choice.default,
            strict=strict,
            because=choice.because or because,
            rule=rule,
            rule_default=f"{at.text} = default",
            file=self.written_at((*at.parts, number)),
        )
