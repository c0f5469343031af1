from __future__ import annotations

import logging

import pytest
import structlog

# A call's debug line is for a person who looks at one run, not for thousands of them.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

#: The systems on which every story happens alike.
PROFILES = ("ecc", "s4 over rfc")


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    """The system profile of a scenario: its release and how it is reached."""
    return str(request.param)
