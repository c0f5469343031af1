"""Make rules ready to run: see :mod:`connector.mappings.compiled_rules` for what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from connector.mappings.compiled_rules import (
    HEADER_REQUIRED,
    CompiledAddress,
    CompiledCondition,
    CompiledDocument,
    CompiledItem,
    CompiledLookup,
    CompiledPartner,
    CompiledPayments,
    CompiledReference,
    CompiledRules,
    CompiledScheduleLines,
    CompiledText,
    Fields,
    LookupWay,
    Value,
    Way,
)
from connector.mappings.rule_models import (
    AddressRules,
    ConditionRules,
    DocumentRules,
    ItemRules,
    PartnerRules,
    PaymentRules,
    ReferenceDocumentRules,
    ReferenceItemRules,
    RulesFile,
    ScheduleLineRules,
    TextRules,
    category_of,
)
from connector.mappings.value_rules import Cell, Choice, Lookup, Lookups, ValueRule
from connector.sd_documents.partners import PartnerFunction
from connector.sd_documents.values import DocumentCategory

Key = tuple[str | int, ...]
#: File and line of a key, as ``shop.yaml:12``.
WrittenAt = Callable[[Key], str]

_HEADER_OPTIONAL: Final = (
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
_SALES_AREA: Final = ("sales_organization", "distribution_channel", "division")
_ITEM_OPTIONAL: Final = (
    "customer_material",
    "item_text",
    "item_category",
    "plant",
    "shipping_point",
)
_ADDRESS: Final = tuple(name for name in AddressRules.model_fields if name != "when")
_PAYMENT: Final = ("company_code", "bank_account", "payer", "paid_on")


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
                for field in _SALES_AREA
            ),
            optional=self.fields(rules, _HEADER_OPTIONAL, at),
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
            fields=self.fields(rules, _ITEM_OPTIONAL, at),
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
        return CompiledAddress(at.text, rules.when, self.fields(rules, _ADDRESS, at, "address."))

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
            fields=self.fields(rules, _PAYMENT, at),
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
