"""The hash of a set does not depend on how the set was divided, and shows every change of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.reconciliation.set_hash import SIZE, SetHash

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=12)


@given(TEXTS, st.randoms(use_true_random=False), st.integers(0, 12))
def test_neither_order_nor_grouping_matters(texts: list[str], random: Random, cut: int) -> None:
    shuffled = random.sample(texts, len(texts))
    whole = SetHash.of(texts)

    assert SetHash.of(shuffled) == whole
    assert SetHash.of(shuffled[:cut]) + SetHash.of(shuffled[cut:]) == whole
    assert SetHash.sum(SetHash.of([text]) for text in texts) == whole
    assert SetHash.of_bytes(text.encode() for text in texts) == whole


@given(TEXTS, TEXTS)
def test_what_is_taken_away_leaves_no_trace(kept: list[str], gone: list[str]) -> None:
    assert SetHash.of([*kept, *gone]) - SetHash.of(gone) == SetHash.of(kept)


@given(TEXTS, st.text(max_size=4).filter(str.isascii))
def test_a_text_that_is_there_twice_counts_twice(texts: list[str], doubled: str) -> None:
    once = SetHash.of([*texts, doubled])

    assert SetHash.of([*texts, doubled, doubled]) != once
    assert SetHash.of([*texts, doubled, doubled]) - SetHash.of([doubled]) == once


@given(
    st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=8),
    st.integers(0),
    st.integers(0),
    st.integers(1, 255),
)
def test_one_changed_byte_shows(contents: list[bytes], which: int, where: int, flip: int) -> None:
    changed = [bytearray(content) for content in contents]
    content = changed[which % len(changed)]
    content[where % len(content)] ^= flip
    before, after = SetHash.of_bytes(contents), SetHash.of_bytes(map(bytes, changed))

    assert before != after
    assert before.hexdigest() != after.hexdigest()


@pytest.mark.parametrize("texts", [[], ["a"], ["a", "a", "ä"]])
def test_bytes_bring_it_back(texts: Sequence[str]) -> None:
    whole = SetHash.of(texts)

    assert len(whole.to_bytes()) == SIZE
    assert SetHash.from_bytes(whole.to_bytes()) == whole
    assert hash(SetHash.from_bytes(whole.to_bytes())) == hash(whole)
    assert bool(whole) is bool(texts)


def test_other_lengths_are_no_set_hash() -> None:
    with pytest.raises(ValueError, match="12 bytes are no set hash, expected 256"):
        SetHash.from_bytes(b"twelve bytes")


def test_the_number_is_the_sum_of_the_shake_128_numbers() -> None:
    """Written out, so that somebody else's program can work it out."""
    numbers = [
        int.from_bytes(hashlib.shake_128(text).digest(256), "little") for text in (b"a", b"b")
    ]
    number = (sum(numbers) % 2**2048).to_bytes(256, "little")

    assert SetHash.of(["b", "a"]).hexdigest() == hashlib.sha256(number).hexdigest()
