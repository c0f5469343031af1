"""The reference of message formats shows what the readers do."""

from __future__ import annotations

import os

from connector.resources import shipped
from tests.mappings.golden import WRITE
from tests.mappings.message_formats import message_formats_page

PAGE = shipped("config").parent / "docs/reference/message-formats.md"


def test_the_page_shows_what_the_readers_make_of_each_message() -> None:
    if os.environ.get(WRITE):
        PAGE.write_text(message_formats_page(), "utf-8")

    assert PAGE.read_text("utf-8") == message_formats_page(), "run `make golden`"
