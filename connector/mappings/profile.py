"""
The channel profile: how one channel's messages become external orders.

A profile is YAML (``config/channels/*.yaml``); it names the format of the messages and, for every
field of the external order, a JMESPath expression over the message. No code belongs to a channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import StringConstraints

from connector.mappings.config_file import ConfigFile
from connector.mappings.external_order import ExternalOrder
from connector.mappings.message_format import MessageFormat
from connector.mappings.shape import ObjectShape, compile_shape
from connector.sd_documents.model import Frozen

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class ProfileFile(Frozen):
    """
    A profile as written: the channel's name, the messages' format, and the shape of an order.

    ``order`` maps fields of the external order to expressions; the channel itself is filled in.
    """

    channel: ChannelName
    description: str = ""
    message: MessageFormat
    order: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChannelProfile:
    """A checked profile: ``channel`` and ``message`` as written, ``shape`` compiled."""

    path: Path
    channel: str
    description: str
    message: MessageFormat
    shape: ObjectShape


def load_profile(path: Path) -> ChannelProfile:
    """
    Read and check the profile at *path*.

    Raises:
        ConfigurationError: unreadable, or wrong; names file, key, line and the nearest right name.
    """
    file = ConfigFile(path)
    written = file.validate(ProfileFile)
    if "channel" in written.order:
        raise file.error(
            ("order", "channel"), "is filled by the profile's own channel", "Remove it"
        )
    fields = {"channel": f"'{written.channel}'", **written.order}
    shape = compile_shape(file, ("order",), ExternalOrder, fields)
    return ChannelProfile(path, written.channel, written.description, written.message, shape)
