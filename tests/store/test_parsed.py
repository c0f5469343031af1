"""What stored texts say is remembered, up to an amount of text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from connector.sd_documents.values import Money, Quantity
from connector.store.parsed import Parsed


def money(cents: int) -> str:
    return Money(amount=Decimal(cents).scaleb(-2), currency="EUR").model_dump_json()


def test_a_text_is_parsed_once_while_it_is_remembered() -> None:
    parsed = Parsed()

    first = parsed.read(Money, money(1250))

    assert first == Money(amount=Decimal("12.50"), currency="EUR")
    assert parsed.read(Money, money(1250)) is first


def test_another_text_is_another_value() -> None:
    parsed = Parsed()

    assert parsed.read(Money, money(100)) != parsed.read(Money, money(101))


def test_the_same_text_read_as_another_kind_is_checked_anew() -> None:
    parsed = Parsed()
    parsed.read(Money, money(100))

    with pytest.raises(ValidationError):
        parsed.read(Quantity, money(100))


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    parsed = Parsed(most_characters=2 * len(money(100)))
    first, second = parsed.read(Money, money(100)), parsed.read(Money, money(200))
    parsed.read(Money, money(100))

    parsed.read(Money, money(300))

    assert parsed.read(Money, money(100)) is first
    assert parsed.read(Money, money(200)) is not second


def test_no_more_text_is_remembered_than_allowed() -> None:
    parsed = Parsed(most_characters=500)

    for cents in range(100, 400):
        parsed.read(Money, money(cents))

    assert 400 < parsed.characters <= 500
