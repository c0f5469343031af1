"""Compact documents are the same documents, and take less memory."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connector.sd_documents.compact import compact, compacted
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.values import DocumentCategory, ItemReference, Money, Quantity


def link(number: int, *, amount: bool = True) -> FlowLink:
    more = {"net_amount": Money(amount=Decimal(number), currency="EUR")} if amount else {}
    return FlowLink(
        preceding=ItemReference(
            category=DocumentCategory.SALES_ORDER, document=f"{number:010d}", item_number=10
        ),
        subsequent=ItemReference(
            category=DocumentCategory.INVOICE, document=f"{number + 1:010d}", item_number=10
        ),
        quantity=Quantity(value=Decimal(1), unit="PC"),
        created_on=date(2026, 3, 1),
        **more,
    )


@given(st.lists(st.tuples(st.integers(1, 999), st.booleans()), max_size=9))
def test_nobody_can_tell_a_compact_document_from_another(made: list[tuple[int, bool]]) -> None:
    for number, amount in made:
        plain, small = link(number, amount=amount), compact(link(number, amount=amount))
        assert small == plain
        assert hash(small) == hash(plain)
        assert small.model_fields_set == plain.model_fields_set
        assert small.preceding.model_fields_set == plain.preceding.model_fields_set
        assert small.model_dump_json() == plain.model_dump_json()
        assert small.model_dump(exclude_unset=True) == plain.model_dump(exclude_unset=True)
        assert pickle.loads(pickle.dumps(small)) == plain


def test_documents_of_a_kind_share_the_names_of_their_fields() -> None:
    one, other = compacted([link(1), link(2)])
    assert one.__pydantic_fields_set__ is other.__pydantic_fields_set__
    assert one.quantity.__pydantic_fields_set__ is other.quantity.__pydantic_fields_set__


def test_documents_that_were_given_other_fields_share_nothing_with_them() -> None:
    one, other = compacted([link(1), link(2, amount=False)])
    assert "net_amount" in one.model_fields_set
    assert "net_amount" not in other.model_fields_set


def test_a_changed_copy_leaves_the_others_alone() -> None:
    one, other = compacted([link(1, amount=False), link(2, amount=False)])
    changed = one.model_copy(update={"net_amount": Money(amount=Decimal(1), currency="EUR")})
    assert "net_amount" in changed.model_fields_set
    assert "net_amount" not in other.model_fields_set
