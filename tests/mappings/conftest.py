"""Profiles and rules as shipped, read once for all tests of mapping."""

from __future__ import annotations

import functools

import pytest

from connector.mappings.profile import ChannelProfile, load_profile
from connector.mappings.rules import MappingRules, load_rules
from connector.resources import shipped


@functools.cache
def profile_of(channel: str) -> ChannelProfile:
    """Return the shipped profile of *channel*."""
    return load_profile(shipped("config/channels") / f"{channel}.yaml")


@functools.cache
def rules_of(channel: str) -> MappingRules:
    """Return the shipped rules of *channel*."""
    return load_rules(shipped("config/mappings") / f"{channel}.yaml")


@pytest.fixture
def shopify() -> tuple[ChannelProfile, MappingRules]:
    """The web shop's profile and rules."""
    return profile_of("shopify"), rules_of("shopify")
