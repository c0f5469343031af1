"""ECC or S/4HANA: told by the options, or asked once."""

from __future__ import annotations

import pytest

from connector.clock import ManualClock
from connector.erp.messages import shipped_table
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.release import Release
from connector.erp.rfc.session import SessionPool
from tests.erp.rfc.conftest import ScriptedLibrary


def answered(
    library: ScriptedLibrary, pool: SessionPool, clock: ManualClock, number: str, option: str
) -> bool:
    library.answers["RFC_SYSTEM_INFO"] = [{"RFCSI_EXPORT": {"RFCSAPRL": number}}]
    reads = Reads(pool, shipped_table(), clock)
    release = Release(reads, RfcOptions.model_validate({"release": option}))
    first = release.is_s4
    assert release.is_s4 is first
    return first


@pytest.mark.parametrize(
    ("number", "is_s4"), [("740", False), ("750", False), ("751", True), ("758", True), ("", False)]
)
def test_the_basis_release_tells(
    library: ScriptedLibrary, pool: SessionPool, clock: ManualClock, number: str, is_s4: bool
) -> None:
    assert answered(library, pool, clock, number, "auto") is is_s4
    assert len(library.calls) == 1


@pytest.mark.parametrize(("option", "is_s4"), [("ecc", False), ("s4", True)])
def test_the_option_is_believed_without_asking(
    library: ScriptedLibrary, pool: SessionPool, clock: ManualClock, option: str, is_s4: bool
) -> None:
    assert answered(library, pool, clock, "750", option) is is_s4
    assert library.calls == []
