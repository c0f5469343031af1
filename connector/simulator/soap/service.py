"""What all SOAP services have in common: the WSDL on request, checks by schema, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from lxml import etree

from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.http.messages import Headers, HttpRequest, HttpResponse
from connector.simulator.soap import envelope
from connector.simulator.soap.envelope import SoapFault

_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_ADDRESSES: Final = (
    "{http://schemas.xmlsoap.org/wsdl/soap/}address",
    "{http://schemas.xmlsoap.org/wsdl/soap12/}address",
)


@dataclass(frozen=True)
class ServiceDescription:
    """A WSDL with its schema."""

    content: bytes

    @cached_property
    def root(self) -> etree._Element:
        """The WSDL's root; copy it before changing it."""
        return envelope.parse(self.content)

    @cached_property
    def schema(self) -> etree.XMLSchema:
        """The schema inside the WSDL."""
        found = self.root.find(f".//{{{_XSD}}}schema")
        if found is None:
            raise ValueError("the WSDL holds no schema")
        return etree.XMLSchema(envelope.parse(etree.tostring(found)))

    def addressed(self, location: str) -> bytes:
        """Return the WSDL with *location* as the address of every port."""
        root = envelope.parse(self.content)
        for address in root.iter(*_ADDRESSES):
            address.set("location", location)
        return etree.tostring(root, xml_declaration=True, encoding="utf-8")

    def check(self, payload: etree._Element, version: str) -> None:
        """Raise SoapFault naming the first element of *payload* that the schema refuses."""
        # By its own namespace declarations: those of the envelope are none of the payload's.
        alone = envelope.parse(etree.tostring(payload, with_tail=False))
        if not self.schema.validate(alone):
            # The stubs do not know the log's fields.
            errors: Any = self.schema.error_log
            raise SoapFault("Client", f"{errors[0].path}: {errors[0].message}", version)


class Operation(Protocol):
    """One web service, free of HTTP."""

    @property
    def description(self) -> ServiceDescription:
        """Its WSDL."""
        ...

    def run(self, payload: etree._Element, request: HttpRequest, version: str) -> etree._Element:
        """
        Answer a request.

        Raises:
            SoapFault: the request is not as the schema wants it, or the program ended.
        """
        ...


class SoapService:
    """An HttpFace for one operation: POST runs it, ``?wsdl`` describes it."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; whatever goes wrong is a SOAP fault."""
        if request.method in ("GET", "HEAD"):
            return self._describe(request)
        if request.method != "POST":
            return HttpResponse(405, Headers([("Allow", "GET, HEAD, POST")]))
        version = envelope.SOAP_11
        try:
            read = envelope.read(request)
            version = read.version
            return envelope.answer(version, self._operation.run(read.payload, request, version))
        except SoapFault as fault:
            return fault.response()
        except ShortDumpError as dump:
            return SoapFault("Server", f"{dump.key}: {dump.text}", version).response()

    def _describe(self, request: HttpRequest) -> HttpResponse:
        asked = {name.lower() for name, _ in parse_qsl(request.query, keep_blank_values=True)}
        if "wsdl" not in asked:
            return HttpResponse(405, Headers([("Allow", "POST")]))
        location = f"{request.base_url}{request.path}"
        content = self._operation.description.addressed(location)
        return HttpResponse(200, Headers([("Content-Type", "text/xml; charset=utf-8")]), content)


class SoapServices:
    """An HttpFace for several services, by the segment of the path that follows *below*."""

    def __init__(self, below: str, services: Mapping[str, SoapService]) -> None:
        self._below = below.strip("/").split("/")
        self._services = dict(services)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Hand the request to its service; 404 where there is none."""
        segments = request.path.strip("/").split("/")
        rest = segments[len(self._below) :] if segments[: len(self._below)] == self._below else []
        service = self._services.get(rest[0].lower()) if rest else None
        if service is None:
            text = b"Service cannot be reached: it is not activated"
            return HttpResponse(404, Headers([("Content-Type", "text/plain")]), text)
        return service.answer(request)
