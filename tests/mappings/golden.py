"""
Golden files of the shipped channels, compared and written by the code of `mapping test`.

With SD_CONNECTOR_WRITE_GOLDEN set (`make golden`) the files are written anew instead of compared.
"""

from __future__ import annotations

import os

from connector.mappings.golden_cases import GoldenCase, outcome
from connector.mappings.profile import ChannelProfile
from connector.mappings.rules import MappingRules

WRITE = "SD_CONNECTOR_WRITE_GOLDEN"


def difference(case: GoldenCase, profile: ChannelProfile, rules: MappingRules) -> str:
    """Return how *case* differs from what lies beside it; writes it instead when asked to."""
    expectations = outcome(case, profile, rules)
    if os.environ.get(WRITE):
        for each in expectations:
            each.write()
        return ""
    return "\n".join(each.difference for each in expectations if not each.is_met)
