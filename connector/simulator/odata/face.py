"""
The OData face: routes requests to its services, and guards writes with CSRF tokens.

A token is fetched with ``X-CSRF-Token: Fetch`` and belongs to the session of the cookies that come
with it; a write without both is answered 403 with ``X-CSRF-Token: Required``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from connector.simulator.http.faults import OF_OPERATIONS
from connector.simulator.http.front import HttpFront, csrf_required, error_of
from connector.simulator.http.messages import HttpRequest, HttpResponse
from connector.simulator.http.operations import operation_names
from connector.simulator.odata.entities.registry import service_entities
from connector.simulator.odata.entity_set import ServiceEntities
from connector.simulator.odata.errors import NO_SERVICE, ODataError, Origin, render
from connector.simulator.odata.handler import Caller, ServiceHandler
from connector.simulator.odata.repeatability import RepeatedRequests
from connector.simulator.odata.schema import Service, load_services
from connector.simulator.odata.settings import ODataFaceSettings

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp

#: Where the services are.
ROOT = "/sap/opu/odata"
_ADDRESS = re.compile(
    r"/sap/opu/odata/sap/(?P<service>\w+)(?P<version>;(?:v|o)=[^/]*)*(?P<rest>/.*)?", re.IGNORECASE
)
_VERSION = re.compile(r";v=0*(\d{1,4})(?:;|$)", re.IGNORECASE)
_LANGUAGES = {"D": "DE", "E": "EN"}
_FORBIDDEN = 403


class ODataFace:
    """
    The OData services of the simulated ERP, mounted on *front*.

    *entities* says what is behind a service.
    """

    def __init__(
        self,
        erp: SimulatedErp,
        front: HttpFront,
        settings: ODataFaceSettings | None = None,
        entities: Callable[[Service], ServiceEntities] = service_entities,
    ) -> None:
        self._erp, self._front = erp, front
        self.settings = settings or ODataFaceSettings()
        self.services: Mapping[str, Service] = load_services(self.settings.releases)
        repeated = RepeatedRequests(self.settings, erp.clock.now)
        self._handlers = {
            name: ServiceHandler(erp, service, entities(service), self.settings, repeated)
            for name, service in self.services.items()
        }
        front.mount(ROOT, self)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request below `ROOT`."""
        match = _ADDRESS.fullmatch(unquote(request.path.partition("(")[0]))
        service = self._service(request)
        if match is None or service is None:
            return self._no_service(request)
        if self._forged(request):
            return csrf_required()
        root, rest = self._split(request)
        caller = Caller(request.user, language_of(request), request.base_url + root)
        response = self._handlers[service.name].answer(caller, request, rest, self._strike)
        self._give_token(request, response)
        return response

    def _split(self, request: HttpRequest) -> tuple[str, str]:
        """Return the path of the service root, and what follows it."""
        parts = request.path.split("/")
        depth = len(f"{ROOT}/sap/X".split("/"))
        return "/".join(parts[:depth]), "/".join(parts[depth:])

    def _service(self, request: HttpRequest) -> Service | None:
        """Return the service that the path names, in the version it asks for."""
        segment = unquote(self._split(request)[0].rpartition("/")[2])
        found = self.services.get(segment.partition(";")[0].upper())
        version = _VERSION.search(segment)
        if found is None or (version is not None and int(version[1]) != int(found.version)):
            return None
        return found

    def _no_service(self, request: HttpRequest) -> HttpResponse:
        name = self._split(request)[0].rpartition("/")[2][:80]
        text = f"No service found for namespace '', name '{name.partition(';')[0]}', version '0001'"
        error = ODataError(_FORBIDDEN, text, NO_SERVICE)
        now = self._erp.clock.now().astimezone(UTC)
        origin = Origin(name, "0001", language_of(request), now)
        as_json = "json" in (request.headers.get("Accept") + request.query).lower()
        return render(error, origin, as_json=as_json)

    def _forged(self, request: HttpRequest) -> bool:
        if not self.settings.csrf or request.method in ("GET", "HEAD", "OPTIONS"):
            return False
        token = request.headers.get("X-CSRF-Token")
        lifetime = self.settings.csrf_lifetime_s
        return not self._front.sessions.token_holds(request.session, token, lifetime)

    def _give_token(self, request: HttpRequest, response: HttpResponse) -> None:
        if request.method not in ("GET", "HEAD"):
            return
        if request.headers.get("X-CSRF-Token").lower() == "fetch":
            token = self._front.sessions.fetch_token(request.session, self.settings.csrf_lifetime_s)
            response.headers.set("x-csrf-token", token)

    def _strike(self, verb: str, path: str) -> ODataError | None:
        """Return what a fault answers to an operation inside a batch."""
        if verb == "GET":
            return None
        injected = self._front.faults.take(OF_OPERATIONS, operation_names(verb, path))
        if injected is None:
            return None
        status, code, text = error_of(injected.fault)
        return ODataError(status, text, code)


def language_of(request: HttpRequest) -> str:
    """Return EN or DE, by ``sap-language`` or Accept-Language."""
    asked = parse_qs(request.query).get("sap-language", [""])[0]
    asked = asked or request.headers.get("sap-language")
    asked = asked or request.headers.get("Accept-Language").split(",")[0]
    asked = _LANGUAGES.get(asked.upper(), asked.upper()[:2])
    return "DE" if asked == "DE" else "EN"
