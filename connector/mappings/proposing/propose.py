"""From sample files to a proposal: the files of a first mapping, and what is open about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from connector.errors import ConfigurationError, MessageError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.map_order import map_order
from connector.mappings.profile import ChannelProfile, load_profile
from connector.mappings.proposing.choosing import Proposed
from connector.mappings.proposing.profile_draft import draft_profile
from connector.mappings.proposing.profile_text import MARK, profile_text, scalar
from connector.mappings.proposing.rules_draft import rules_text, tables_of
from connector.mappings.proposing.sample_messages import MOST_MESSAGES, read_samples, standard_of
from connector.mappings.reading import read_order_file
from connector.mappings.rules import load_rules
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory

_CHANNEL: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(slots=True)
class Proposal:
    """
    A first mapping: ``files`` by their path below the folder of the settings.

    ``shipped`` are files of the connector's own that they include; ``fields`` is what was found,
    ``questions`` what is open. ``like`` is the shipped channel that fits, empty where none does.
    """

    channel: str
    files: dict[str, str]
    shipped: tuple[str, ...]
    fields: tuple[Proposed, ...] = ()
    questions: list[str] = field(default_factory=list)
    like: str = ""

    @property
    def profile(self) -> str:
        """The profile among the files."""
        return f"channels/{self.channel}.yaml"

    @property
    def rules(self) -> str:
        """The rules among the files."""
        return f"mappings/{self.channel}.yaml"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a proposal makes of its own samples: orders read, and why others are not."""

    orders: tuple[ExternalOrder, ...]
    unreadable: tuple[str, ...]
    #: How many orders each reason holds.
    held: Mapping[str, int]


def propose(channel: str, samples: Sequence[Path], prefix: str = "") -> Proposal:
    """
    Return a first mapping of *channel* for messages like *samples*, all of one format.

    *prefix* begins the references of its documents; made from the name where empty.

    Raises:
        ConfigurationError: the name is none for a channel, or the samples are not understood.
    """
    if not _CHANNEL.fullmatch(channel):
        raise ConfigurationError(
            channel, "is no name for a channel", "Use small letters, digits, - and _ alone"
        )
    prefix = prefix or f"{re.sub(r'[^A-Z0-9]', '', channel.upper())[:12]}-"
    standard = standard_of(samples[0])
    if standard:
        return _like(channel, standard, prefix, len(samples))
    read = read_samples(samples)
    draft = draft_profile(read)
    count = "1 message" if draft.messages == 1 else f"{draft.messages} messages"
    sources = f"{count} in {len(samples)} files" if len(samples) > 1 else count
    for known in shipped_for(samples):
        draft.ask(f"the shipped channel {known} reads all samples: is it this one, by other name?")
    with_payments = "payments.each" in draft.fields
    proposal = Proposal(
        channel,
        {},
        ("mappings/base",),
        tuple(draft.fields.values()),
        list(draft.questions),
    )
    proposal.files[proposal.profile] = profile_text(channel, draft, sources)
    proposal.files[proposal.rules] = rules_text(
        channel, prefix, sources, with_payments=with_payments
    )
    return proposal


def shipped_for(samples: Sequence[Path]) -> tuple[str, ...]:
    """Return the shipped channels whose profile reads all of *samples* as orders with lines."""
    found: list[str] = []
    for profile in _shipped_profiles():
        orders, unreadable = _read(profile, samples)
        if orders and not unreadable and all(order.lines for order in orders):
            found.append(profile.channel)
    return tuple(found)


@cache
def _shipped_profiles() -> tuple[ChannelProfile, ...]:
    return tuple(load_profile(path) for path in sorted(shipped("config/channels").glob("*.yaml")))


def with_tables(proposal: Proposal, orders: Sequence[ExternalOrder]) -> Proposal:
    """Return *proposal* with its tables, a row for each value of *orders*."""
    for name, text in tables_of(orders).items():
        proposal.files[f"mappings/{proposal.channel}/{name}"] = text
    return proposal


def orders_in(profile: Path, samples: Sequence[Path]) -> tuple[list[ExternalOrder], list[str]]:
    """
    Return the orders that *profile* reads of *samples*, and what it cannot read.

    Raises:
        ConfigurationError: the profile is wrong.
    """
    return _read(load_profile(profile), samples)


def _read(
    profile: ChannelProfile, samples: Sequence[Path]
) -> tuple[list[ExternalOrder], list[str]]:
    orders: list[ExternalOrder] = []
    unreadable: list[str] = []
    for path in samples:
        for found in read_order_file(profile, path):
            if len(orders) >= MOST_MESSAGES:
                break
            if isinstance(found, MessageError):
                unreadable.append(str(found))
            else:
                orders.append(found.order)
    return orders, unreadable


def try_out(profile: Path, rules: Path, samples: Sequence[Path]) -> Trial:
    """
    Return what a written proposal makes of *samples*.

    Raises:
        ConfigurationError: profile or rules are wrong.
    """
    orders, unreadable = orders_in(profile, samples)
    loaded = load_rules(rules)
    held: dict[str, int] = {}
    for order in orders:
        mapped = map_order(order, loaded, {DocumentCategory.SALES_ORDER})
        for code in dict.fromkeys(problem.code for problem in mapped.problems):
            held[code] = held.get(code, 0) + 1
    return Trial(tuple(orders), tuple(unreadable), held)


def _like(channel: str, standard: str, prefix: str, count: int) -> Proposal:
    """Return a mapping like that of a shipped channel: its format is a standard."""
    sources = f"{count} files of the format {standard}"
    head = (
        f"# A proposal for the channel {channel}, made from {sources}: as the shipped one, until\n"
        "# you say what differs. Nobody has checked it yet.\n"
        f"proposal: {scalar(MARK)}\n"
        f"include: {standard}.yaml\n"
        f"channel: {channel}\n"
    )
    schema = "# yaml-language-server: $schema=../schemas/{}.schema.json\n"
    proposal = Proposal(
        channel,
        {},
        (f"channels/{standard}.yaml", f"mappings/{standard}.yaml", f"mappings/{standard}",
         "mappings/base"),
        questions=[
            f"{standard} leaves partners much freedom: what does this one mean by its codes?",
            "tables: which customers, articles and units does this partner name?",
        ],
        like=standard,
    )  # fmt: skip
    proposal.files[proposal.profile] = schema.format("profile") + head
    proposal.files[proposal.rules] = (
        schema.format("rules") + head + f"\nreference:\n  prefix: {scalar(prefix)}\n"
    )
    return proposal
