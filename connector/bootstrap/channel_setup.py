"""A channel with all that its settings name: profile, rules, tables and the folder it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connector.bootstrap.drop_folders import patterns_of
from connector.bootstrap.living_rules import LivingRoute, LivingRules
from connector.channels.folder import FolderChannel
from connector.clock import Clock
from connector.errors import ConfigurationError
from connector.mappings.profile import ChannelProfile, load_profile
from connector.mappings.reading import MessageReader
from connector.settings import Settings
from connector.sync.master_data import MasterDataCache


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """A channel with everything that its settings name."""

    name: str
    profile: ChannelProfile
    route: LivingRoute
    channel: FolderChannel


def channel_setup(
    settings: Settings, name: str, clock: Clock, master_data: Callable[[], MasterDataCache]
) -> ChannelSetup:
    """
    Put the channel *name* together; *master_data* is asked only when its rules look into the ERP.

    Raises:
        ConfigurationError: there is a mistake in what it names, or that is another channel's.
    """
    channel = settings.channels[name]
    profile = load_profile(channel.profile)
    living = LivingRules(channel.rules, channel.tables)
    rules = living.current()
    for file, meant_for in ((profile.path, profile.channel), (rules.path, rules.channel)):
        if meant_for != name:
            raise ConfigurationError(
                f"{settings.file.path}: channels.{name}",
                f"{file} is for the channel {meant_for!r}",
                f"Rename the channel to {meant_for}, or name another file",
            )
    return ChannelSetup(
        name=name,
        profile=profile,
        route=LivingRoute(rules, channel.plan, living, master_data),
        channel=FolderChannel(
            name,
            channel.path,
            reader=MessageReader(profile),
            clock=clock,
            patterns=patterns_of(channel, profile),
            settle_s=channel.settle_s,
            max_bytes=channel.max_bytes,
        ),
    )
