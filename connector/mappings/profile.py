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

from connector.errors import ConfigurationError
from connector.mappings.config_file import ConfigFile
from connector.mappings.external_order import ExternalOrder
from connector.mappings.message_format import MessageFormat
from connector.mappings.shape import ObjectShape, compile_shape
from connector.mappings.shape_code import Filler
from connector.sd_documents.model import Frozen

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class ProfileFile(Frozen):
    """
    A profile as written: the channel's name, the messages' format, and the shape of an order.

    ``order`` maps fields of the external order to expressions; the channel itself is filled in.
    A profile may ``include`` others beside it, and say only what differs. ``proposal`` marks what
    a program proposed and nobody has checked yet: it can be tried, and is refused for real orders.
    """

    include: tuple[str, ...] | str = ()
    proposal: str = ""
    channel: ChannelName
    description: str = ""
    message: MessageFormat
    order: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChannelProfile:
    """
    A checked profile: ``channel`` and ``message`` as written, ``shape`` compiled.

    ``filler`` fills the shape, faster than the shape itself. ``proposal`` is not empty while
    nobody has confirmed it.
    """

    path: Path
    channel: str
    description: str
    message: MessageFormat
    shape: ObjectShape
    filler: Filler
    proposal: str = ""


def load_profile(path: Path) -> ChannelProfile:
    """
    Read and check the profile at *path*.

    Raises:
        ConfigurationError: unreadable, or wrong; names file, key, line and the nearest right name.
    """
    file = profile_file(path)
    written = file.validate(ProfileFile)
    shape = shape_of(file, written)
    return ChannelProfile(
        path=path,
        channel=written.channel,
        description=written.description,
        message=written.message,
        shape=shape,
        filler=Filler(shape),
        proposal=written.proposal,
    )


def profile_file(path: Path) -> ConfigFile:
    """Return the file of a profile; what it includes is completed name by name."""
    return ConfigFile(path, lambda key: True)


def shape_of(
    file: ConfigFile, written: ProfileFile, mistakes: list[ConfigurationError] | None = None
) -> ObjectShape:
    """
    Return the compiled shape of an order.

    With *mistakes* what is wrong with single fields is added there instead of raised.
    """
    if "channel" in written.order:
        raise file.error(
            ("order", "channel"), "is filled by the profile's own channel", "Remove it"
        )
    fields = {"channel": f"'{written.channel}'", **written.order}
    return compile_shape(file, ("order",), ExternalOrder, fields, mistakes)
