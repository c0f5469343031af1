"""Which files of a channel's drop folder are orders, and which nobody reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connector.mappings.message_format import file_patterns
from connector.mappings.profile import ChannelProfile
from connector.settings import ChannelSettings

if TYPE_CHECKING:
    from connector.bootstrap.application import Application

_MOST_NAMES: Final = 5


def patterns_of(channel: ChannelSettings, profile: ChannelProfile) -> tuple[str, ...]:
    """Return which names are orders: as the settings say, else those usual for the format."""
    return channel.patterns or file_patterns(profile.message)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """Files in the drop folder of *channel* that match none of *patterns*."""

    channel: str
    names: tuple[str, ...]
    patterns: tuple[str, ...]

    @property
    def problem(self) -> str:
        """How many there are, the first of them, and what they would have to be called."""
        first = ", ".join(self.names[:_MOST_NAMES])
        more = ", and more" if len(self.names) > _MOST_NAMES else ""
        files = "1 file is" if len(self.names) == 1 else f"{len(self.names)} files are"
        wanted = ", ".join(self.patterns)
        return f"{files} left alone, as no name matches {wanted}: {first}{more}"


def left_alone(application: Application) -> Sequence[LeftAlone]:
    """
    Return the channels whose drop folders hold files that nobody reads.

    Raises:
        ConfigurationError: a folder is missing, no folder, or not readable; or a profile or rules
            are wrong.
        TransientError: a folder cannot be reached at present.
    """
    return [
        LeftAlone(setup.name, names, setup.channel.patterns)
        for setup in application.channels.values()
        if (names := setup.channel.left_alone())
    ]
