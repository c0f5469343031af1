"""
Real orders that are no part of the repository: their tests exist only where their folder does.

SD_CONNECTOR_SAMPLES names the folder; without it nothing here is collected.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

collect_ignore_glob = [] if os.environ.get("SD_CONNECTOR_SAMPLES") else ["test_*.py"]


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder with the samples."""
    return Path(os.environ["SD_CONNECTOR_SAMPLES"])
