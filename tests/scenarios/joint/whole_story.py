"""All worked cases in one set of books, lived through once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scenarios.joint import cases_of_money as money
from tests.scenarios.joint import cases_of_shops as shops
from tests.scenarios.joint import cases_of_trade as trade
from tests.scenarios.joint.expected import KEY_DATES
from tests.scenarios.joint.installation import joint_books
from tests.scenarios.joint.plans import plans
from tests.scenarios.joint.story import Story

CASES = (
    *(trade.c01, trade.c02, trade.c03, trade.c04, trade.c05, trade.c06, trade.c07),
    *(money.c10, money.c13, money.c15, money.c16),
    *(shops.dollars, shops.payout),
)


@contextmanager
def whole_story(folder: Path, profile: str) -> Iterator[Story]:
    """Yield the story of all cases, told until its last key date, on a system of *profile*."""
    with joint_books(folder, profile, plans(profile)) as books:
        story = Story(books)
        for case in CASES:
            case(story)
        story.reconciles(*KEY_DATES)
        story.live(KEY_DATES[-1])
        yield story
