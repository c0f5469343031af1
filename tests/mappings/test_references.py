"""References are the same every time, never cut, and never shared by two orders or payments."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.mappings.references import (
    UnusableReferenceError,
    order_reference,
    payment_reference,
)

IDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)


@settings(deadline=None)
@given(IDS, IDS)
def test_two_orders_never_share_a_reference(first: str, second: str) -> None:
    try:
        references = {order_reference("SHOP-", first), order_reference("SHOP-", second)}
    except UnusableReferenceError:
        return

    assert len(references) == len({first, second})
    assert all(len(reference) <= 35 for reference in references)


@settings(deadline=None)
@given(IDS)
def test_a_reference_is_made_whole_or_refused(external_id: str) -> None:
    if len(external_id) <= 30:
        assert order_reference("SHOP-", external_id) == f"SHOP-{external_id}"
        return
    with pytest.raises(UnusableReferenceError) as caught:
        order_reference("SHOP-", external_id)
    assert caught.value.code == "REFERENCE_TOO_LONG"


@pytest.mark.parametrize("external_id", [" 1", "1 ", "1\n2", "\x00", "a\u200b"])
def test_an_id_that_the_erp_would_not_keep_as_it_is_is_refused(external_id: str) -> None:
    with pytest.raises(UnusableReferenceError) as caught:
        order_reference("SHOP-", external_id)

    assert caught.value.code == "REFERENCE_NOT_USABLE"


def test_ids_may_bring_their_prefix_along() -> None:
    assert order_reference("EXT-", "EXT-1001", prefix_included=True) == "EXT-1001"
    with pytest.raises(UnusableReferenceError, match="does not start with 'EXT-'"):
        order_reference("EXT-", "1001", prefix_included=True)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=64), st.text(min_size=1, max_size=64))
def test_payment_references_fit_and_tell_payments_apart(first: str, second: str) -> None:
    references = {payment_reference("SH", "shopify", each) for each in (first, second)}

    assert len(references) == len({first, second})
    assert all(len(each) == 15 and each.startswith("SH") for each in references)
    assert payment_reference("SH", "shopify", first) in references


def test_the_same_payment_id_of_two_channels_gives_two_references() -> None:
    assert payment_reference("SH", "shopify", "1") != payment_reference("SH", "portal", "1")


def test_a_payment_reference_never_changes() -> None:
    """Payments already posted are found by it: a change of the algorithm would post them again."""
    assert payment_reference("SH", "shopify", "7700000070911") == "SHOX6SVHJTJ3QKT"
