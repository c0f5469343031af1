"""Every table that is read is asked for before orders depend on it, and no row of it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connector.erp.rfc import tables
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.tables import Table
from connector.errors import NotAuthorizedError
from connector.ports.capabilities import ErpOperation
from connector.simulator.rfc.exceptions import classic_exception
from tests.erp.rfc.conftest import ScriptedLibrary

Columns = Callable[[dict[str, Any]], dict[str, Any]]


def columns(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"FIELDS": parameters["FIELDS"], "DATA": []}


def probed(library: ScriptedLibrary, release: str) -> set[str]:
    library.answers["RFC_READ_TABLE"] = [columns]
    options = RfcOptions.model_validate({"release": release})
    with RfcErp(library.driver, options) as erp:
        for operation in ErpOperation:
            erp.probe(operation)
    assert {parameters["NO_DATA"] for _, parameters in library.calls} == {"X"}
    return {parameters["QUERY_TABLE"] for _, parameters in library.calls}


@pytest.mark.parametrize(("release", "without"), [("ecc", set()), ("s4", {"VBUP"})])
def test_every_table_of_the_transport_is_asked_for(
    library: ScriptedLibrary, release: str, without: set[str]
) -> None:
    known = {each.name for each in vars(tables).values() if isinstance(each, Table)}

    assert probed(library, release) == (known | {"FAGLFLEXA"}) - without


def test_an_operation_without_tables_asks_for_nothing(library: ScriptedLibrary) -> None:
    with RfcErp(library.driver, RfcOptions(release="s4")) as erp:
        erp.probe(ErpOperation.SIMULATION)

    assert library.calls == []


def test_the_table_that_may_not_be_read_is_named(library: ScriptedLibrary) -> None:
    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters["QUERY_TABLE"] == "VBRP":
            raise classic_exception("NOT_AUTHORIZED")
        return columns(parameters)

    library.answers["RFC_READ_TABLE"] = [answer]
    with (
        RfcErp(library.driver, RfcOptions(release="s4")) as erp,
        pytest.raises(NotAuthorizedError) as raised,
    ):
        erp.probe(ErpOperation.BILLING)

    assert raised.value.where == "RFC_READ_TABLE VBRP"
    assert raised.value.authorization == "S_TABU_NAM TABLE=VBRP ACTVT=03"
