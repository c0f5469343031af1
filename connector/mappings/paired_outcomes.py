"""The same messages by two mappings, side by side, as they come."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from connector.errors import MessageError
from connector.mappings.comparison import Outcome
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.profile import ChannelProfile, profile_file
from connector.mappings.rules import MappingRules
from connector.sd_documents.values import DocumentCategory

Message = InboundOrder | MessageError

#: So many messages that only one mapping reads are waited for at most.
_MOST_WAITING: Final = 1000


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """One version of a mapping: profile and rules with their tables."""

    profile: ChannelProfile
    rules: MappingRules

    def reads_like(self, other: MappingVersion) -> bool:
        """Tell whether both profiles say the same, so that messages need be read once only."""
        if self.profile.path == other.profile.path:
            return True
        return profile_file(self.profile.path).content == profile_file(other.profile.path).content


def paired_outcomes(
    read: Callable[[ChannelProfile], Iterable[Message]],
    old: MappingVersion,
    new: MappingVersion,
    wanted: Collection[DocumentCategory],
) -> Iterator[tuple[str, Outcome | None, Outcome | None]]:
    """
    Yield the source of each message with what both mappings make of it.

    None stands for a message that a mapping does not read as one: where one profile takes a file
    as a single order and the other as many.
    """
    for source, one, other in _paired(read, old, new):
        yield source, _outcome(one, old, wanted), _outcome(other, new, wanted)


def _paired(
    read: Callable[[ChannelProfile], Iterable[Message]], old: MappingVersion, new: MappingVersion
) -> Iterator[tuple[str, Message | None, Message | None]]:
    if old.reads_like(new):
        for found in read(new.profile):
            yield found.source, found, found
        return
    # Errors name lines and columns in their source; the message is what stands before.
    ours: dict[str, Message] = {}
    theirs: dict[str, Message] = {}
    left, right = iter(read(old.profile)), iter(read(new.profile))
    while True:
        one, other = next(left, None), next(right, None)
        if one is None and other is None:
            break
        if one is not None:
            ours[_place(one, ours)] = one
        if other is not None:
            theirs[_place(other, theirs)] = other
        for source in [each for each in ours if each in theirs]:
            yield source, ours.pop(source), theirs.pop(source)
        if len(ours) > _MOST_WAITING:
            source = next(iter(ours))
            yield source, ours.pop(source), None
        if len(theirs) > _MOST_WAITING:
            source = next(iter(theirs))
            yield source, None, theirs.pop(source)
    for source, message in ours.items():
        yield source, message, None
    for source, message in theirs.items():
        yield source, None, message


def _place(message: Message, waiting: Collection[str]) -> str:
    """Return the source, made different from those that wait where it repeats."""
    place = message.source
    while place in waiting:
        place += "'"
    return place


def _outcome(
    message: Message | None, version: MappingVersion, wanted: Collection[DocumentCategory]
) -> Outcome | None:
    if message is None or isinstance(message, MessageError):
        return message
    return map_order(message.order, version.rules, wanted)
