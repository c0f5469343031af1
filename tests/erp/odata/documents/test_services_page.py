"""The reference page says what the code does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connector.erp.odata.documentation import services_page
from connector.erp.odata.names import Names
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.sales_document import Writer
from connector.ports.capabilities import ErpOperation
from tests.erp.odata.documents.test_interface import SHAPES, full_document

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "odata-services.md"


def test_the_page_of_services_is_up_to_date() -> None:
    made = services_page()
    if os.environ.get("SD_CONNECTOR_WRITE_GOLDEN"):
        PAGE.write_text(made, "utf-8")
    assert PAGE.read_text("utf-8") == made, "run `make golden` and read the diff"


def test_every_operation_is_on_the_page() -> None:
    made = services_page()
    for operation in ErpOperation:
        assert f"| {operation.value} |" in made


@pytest.mark.parametrize("name", [each for each in SHAPES if each != "inquiry"])
def test_every_field_that_is_sent_is_on_the_page(name: str) -> None:
    shape = SHAPES[name]
    body = Writer(shape, Names(ODataOptions())).document(full_document(shape))
    made = services_page()
    rows = {line.split(" | ")[0].lstrip("| "): line for line in made.splitlines()}
    (position,) = body["to_Item"]
    for row, sent in ((rows[shape.header_set], body), (rows[shape.item_set], position)):
        listed = {each.strip() for each in row.split(" | ")[1].split(",")}
        assert {field for field in sent if not field.startswith("to_")} <= listed
