"""One sales document from an order and its rules."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from connector.mappings.compiled_rules import HEADER_REQUIRED, CompiledReference
from connector.mappings.evaluation import Draft
from connector.mappings.map_conditions import map_conditions
from connector.mappings.map_items import fill, map_items, map_texts
from connector.mappings.map_partners import map_partners
from connector.mappings.mapped_order import Mapped
from connector.mappings.rules import MappingRules
from connector.mappings.scope import Scope
from connector.mappings.trace import Trace
from connector.sd_documents.credit_memo_request import CreditMemoRequest
from connector.sd_documents.debit_memo_request import DebitMemoRequest
from connector.sd_documents.inquiry import Inquiry
from connector.sd_documents.quotation import Quotation
from connector.sd_documents.returns_order import ReturnsOrder
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.sales_order import SalesOrder
from connector.sd_documents.values import DocumentCategory, pad_number

Values = dict[str, Any]

_CLASSES: Final[dict[DocumentCategory, type[SalesDocument]]] = {
    DocumentCategory.INQUIRY: Inquiry,
    DocumentCategory.QUOTATION: Quotation,
    DocumentCategory.SALES_ORDER: SalesOrder,
    DocumentCategory.RETURNS_ORDER: ReturnsOrder,
    DocumentCategory.CREDIT_MEMO_REQUEST: CreditMemoRequest,
    DocumentCategory.DEBIT_MEMO_REQUEST: DebitMemoRequest,
}

#: The categories that mapping can make.
MAPPABLE: Final = frozenset(_CLASSES)


def map_document(
    draft: Draft, scope: Scope, rules: MappingRules, category: DocumentCategory, reference: str
) -> Mapped[SalesDocument] | None:
    """
    Return the document of *category* with its trace, None where it cannot be built.

    What is wrong is noted in *draft*. *reference* is how the ERP's document is found again.
    """
    wanted = rules.compiled.documents[category]
    draft.trace = []
    draft.derived(
        "purchase_order_by_customer",
        reference,
        ("reference", rules.compiled.reference_file),
        ("external_id", scope.values["order"]["external_id"]),
    )
    values: Values = {"category": category, "purchase_order_by_customer": reference}
    for field, value in wanted.required:
        values[field] = draft.required(value, scope)
    values["sales_area"] = {field: draft.required(value, scope) for field, value in wanted.area}
    fill(draft, scope, wanted.optional, "", values)
    if wanted.reference is not None:
        _refer(draft, scope, wanted.reference, values)
    values["partners"] = map_partners(draft, scope, wanted.partners)
    values["items"], item_texts, own_partners = map_items(
        draft, scope, wanted, values["requested_delivery_date"], len(values["partners"])
    )
    values["partners"] += own_partners
    values["conditions"] = map_conditions(draft, scope, wanted.conditions)
    values["texts"] = [*map_texts(draft, scope, wanted.texts, None), *item_texts]
    return _built(draft, category, values)


def _refer(draft: Draft, scope: Scope, rule: CompiledReference, values: Values) -> None:
    if not draft.holds(rule.when, scope, rule.key):
        return
    document = draft.value(rule.document, scope)
    if document is not None:
        values["reference_document"] = pad_number(str(document))
        values["reference_category"] = rule.category


def _built(
    draft: Draft, category: DocumentCategory, values: Values
) -> Mapped[SalesDocument] | None:
    if _has_gap(values):
        if not draft.problems:
            draft.problem(
                "VALUE_MISSING",
                f"{category.name.lower()}: a lookup whose `when` does not hold left a required "
                "field empty; give the lookup a choice that always applies",
            )
        return None
    try:
        document = _CLASSES[category].model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False)
        for each in found:
            # What is wrong inside also makes the whole wrong: only the inside is told.
            inside = (other["loc"][: len(each["loc"])] for other in found if other is not each)
            if each["loc"] not in inside:
                _note(draft, category, each)
        return None
    return Mapped(document, Trace(tuple(draft.trace)))


def _has_gap(values: Values) -> bool:
    """Tell whether something required is missing: its problem is noted already."""
    if not values["items"] or not values["partners"]:
        return True
    if any(values[field] is None for field in HEADER_REQUIRED):
        return True
    if any(part is None for part in values["sales_area"].values()):
        return True
    return any(
        item["material"] is None
        or item["requested_quantity"]["unit"] is None
        or (item["requested_quantity"]["value"] or 0) <= 0
        for item in values["items"]
    )


def _note(draft: Draft, category: DocumentCategory, error: ErrorDetails) -> None:
    """Note what the document's model refuses, with the rule that the value came from."""
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error["loc"]).lstrip(".")
    origin = next((line for line in Trace(draft.trace) if line.path == path), None)
    rule = f" (rule {origin.rule})" if origin is not None else ""
    if error["type"] == "string_too_long":
        draft.problem(
            "FIELD_TOO_LONG",
            f"{category.name.lower()}: {path} has {len(str(error['input']))} characters, "
            f"{error['msg'].lower()}"
            f"{rule}; shorten it in the channel or cut it in the rules with left(value, length)",
            path,
        )
        return
    draft.problem(
        "VALUE_NOT_VALID",
        f"{category.name.lower()}: {path or 'the document'}: "
        f"{error['msg'].removeprefix('Value error, ')}{rule}; correct the rule or its table",
        path,
    )
