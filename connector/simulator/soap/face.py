"""The SOAP faces, by the path below which each answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.simulator.http.messages import HttpFace
from connector.simulator.rfc.settings import FaceSettings
from connector.simulator.soap import function_service, journal_entry
from connector.simulator.soap.journal_entry import JournalEntryService
from connector.simulator.soap.service import SoapService, SoapServices
from connector.simulator.soap.settings import SoapSettings

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp


def soap_faces(
    erp: SimulatedErp,
    settings: SoapSettings | None = None,
    face: FaceSettings | None = None,
) -> dict[str, HttpFace]:
    """
    Return the faces to mount, by path.

    *face* are the settings that functions share with the RFC face.
    """
    chosen = settings or SoapSettings()
    functions = function_service.services(erp, face or FaceSettings(), chosen)
    entries = {journal_entry.NAME: SoapService(JournalEntryService(erp, chosen))}
    return {
        journal_entry.PATH: SoapServices(journal_entry.PATH, entries),
        function_service.PATH: SoapServices(
            function_service.PATH,
            {name: SoapService(service) for name, service in functions.items()},
        ),
    }
