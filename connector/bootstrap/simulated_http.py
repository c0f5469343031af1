"""The simulated ERP's faces over HTTP: OData and SOAP on one front."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, TextIO

from connector.errors import ConfigurationError
from connector.settings import Settings, checked_options
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.http.call_log import HttpCallLog
from connector.simulator.http.front import HttpFront
from connector.simulator.http.server import HttpErpServer
from connector.simulator.http.settings import HttpSettings
from connector.simulator.odata.entities.registry import service_entities
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.face import ODataFace
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.rfc.settings import FaceSettings
from connector.simulator.soap.face import soap_faces
from connector.simulator.soap.settings import SoapSettings

if TYPE_CHECKING:
    from pathlib import Path


def http_front(
    settings: Settings, erp: SimulatedErp, face: FaceSettings, call_log: TextIO | None = None
) -> HttpFront:
    """
    Return OData and SOAP of *erp*, with users and latency of its RFC *face*.

    Raises:
        ConfigurationError: options of the faces are wrong.
    """
    http = checked_options(settings, "erp.simulator.http", HttpSettings, users=face.users)
    given = settings.erp.simulator.http
    if "latency_s" not in given:
        http.latency_s = face.latency_s
    if "client" not in given:
        http.client = face.client
    if "system_id" not in given:
        http.system_id = face.system_id
    folder = settings.file.path.parent
    for name in ("tls_certificate", "tls_key", "tls_client_authority"):
        path: Path | None = getattr(http, name)
        if path is not None:
            setattr(http, name, folder / path)
    protocol = checked_options(settings, "erp.simulator.odata", ODataFaceSettings)
    entities = checked_options(settings, "erp.simulator.entities", EntitySettings)
    soap = checked_options(settings, "erp.simulator.soap", SoapSettings)
    front = HttpFront(erp, http, HttpCallLog(call_log, erp.clock.now))
    try:
        ODataFace(erp, front, protocol, lambda service: service_entities(service, entities))
    except ValueError as error:
        where = f"{settings.file.path}: erp.simulator.odata.releases"
        raise ConfigurationError(where, str(error)) from error
    for below, web_service in soap_faces(erp, soap, face).items():
        front.mount(below, web_service)
    return front


def serve_http(front: HttpFront, host: str, port: int) -> HttpErpServer:
    """
    Offer *front* to other processes; the returned server is started and must be closed.

    Raises:
        ConfigurationError: host and port cannot be listened on, or a certificate cannot be read.
    """
    try:
        server = HttpErpServer(front, host, port)
    except (ssl.SSLError, FileNotFoundError) as error:
        raise ConfigurationError(
            "erp.simulator.http",
            f"the server's certificate cannot be used: {error.strerror or error}",
            "Name files in PEM form in tls_certificate and tls_key",
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"simulator serve: {host}:{port}",
            f"cannot be listened on: {error.strerror}",
            "Choose another port, or stop what uses it",
        ) from error
    return server.start()
