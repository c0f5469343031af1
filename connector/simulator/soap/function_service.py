"""
Functions offered as web services, each call in a session of its own.

Nothing of a call is left for the next one: a create without commit is lost when its answer leaves,
and a commit called as a service has nothing to commit. A wrapper does both in one call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from connector.simulator.rfc import handlers
from connector.simulator.rfc.context import Call, Context, Handler
from connector.simulator.rfc.dictionary import Dictionary, Function
from connector.simulator.rfc.encode import encode
from connector.simulator.rfc.exceptions import RFCLibError
from connector.simulator.rfc.fill import fill
from connector.simulator.rfc.handlers.messages import bapiret2
from connector.simulator.rfc.settings import FaceSettings
from connector.simulator.soap import function_values, function_wsdl
from connector.simulator.soap.envelope import SoapFault
from connector.simulator.soap.service import ServiceDescription
from connector.simulator.soap.settings import SoapSettings

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp
    from connector.simulator.http.messages import HttpRequest

PATH: Final = "/sap/bc/srt/rfc/sap"


def create_and_commit(create: Handler) -> Handler:
    """
    Return a function that runs *create* and, when it was accepted, commits with waiting.

    A create that was refused is rolled back. A failed commit adds its row to RETURN, and no number
    is given.
    """

    def wrapper(call: Call) -> Mapping[str, Any]:
        answer = dict(create(call))
        rows = list(answer.get("RETURN", ()))
        if any(row["TYPE"] in ("E", "A") for row in rows) or not answer["SALESDOCUMENT"]:
            call.session.rollback()
            return {**answer, "SALESDOCUMENT": ""}
        committed = call.session.commit(wait=True)
        if not committed.accepted:
            rows.extend(bapiret2(committed.messages, call.settings.system_id))
            return {**answer, "SALESDOCUMENT": "", "RETURN": rows}
        return answer

    return wrapper


@dataclass
class FunctionService:
    """One function as a web service. May be called from any thread."""

    erp: SimulatedErp
    function: Function
    handler: Handler
    dictionary: Dictionary
    face: FaceSettings
    settings: SoapSettings

    @cached_property
    def description(self) -> ServiceDescription:
        """The WSDL, made of the dictionary."""
        optional = self.settings.fields_are_optional
        return ServiceDescription(function_wsdl.write(self.function, fields_are_optional=optional))

    def run(self, payload: etree._Element, request: HttpRequest, version: str) -> etree._Element:
        """Run the function in a session that ends with the call."""
        if payload.tag != function_wsdl.request_name(self.function):
            raise SoapFault("Client", f"operation {payload.tag} is not offered here", version)
        self.description.check(payload, version)
        try:
            imports = fill(self.function, function_values.arguments(self.function, payload))
        except (TypeError, ValueError, OverflowError, RFCLibError) as error:
            raise SoapFault("Client", f"a value does not fit: {error}", version) from error
        try:
            results = self._call(imports, request.user)
        except RFCLibError as error:
            detail = _exception(self.function, error)
            raise SoapFault("Client", error.key or str(error), version, detail) from error
        return function_values.response(self.function, results, self._tables(payload))

    def _call(self, imports: dict[str, Any], user: str) -> dict[str, Any]:
        with self.erp.session(user or "WEBSERVICE") as session:
            context = Context(0, session.user, self.face.client, "EN", session)
            call = Call(self.function, imports, context, self.erp, self.face, self.dictionary)
            return encode(self.function, self.handler(call))

    def _tables(self, payload: etree._Element) -> set[str]:
        tables = {each.name for each in self.function.results if each.is_table}
        if not self.settings.tables_only_if_sent:
            return tables
        return {n for n in tables if payload.find(function_wsdl.xml_name(n)) is not None}


def services(
    erp: SimulatedErp, face: FaceSettings, settings: SoapSettings
) -> dict[str, FunctionService]:
    """Return the services by the name they have in the path: the function's in lower case."""
    dictionary = Dictionary.from_fixtures(settings.wrappers)
    offered: dict[str, Handler] = {name: handlers.ALL[name] for name in settings.functions}
    for name, wrapped in settings.wrappers.items():
        offered[name] = create_and_commit(handlers.ALL[wrapped])
    return {
        name.lower(): FunctionService(
            erp, dictionary.function(name), handler, dictionary, face, settings
        )
        for name, handler in offered.items()
    }


def _exception(function: Function, error: RFCLibError) -> etree._Element:
    """Return the detail of a fault: the classic exception and the message it carries."""
    namespace = function_wsdl.NAMESPACE
    root = etree.Element(
        f"{{{namespace}}}{function_wsdl.xml_name(function.name)}.Exception",
        nsmap={"n0": namespace},
    )
    etree.SubElement(root, "Name").text = error.key or ""
    etree.SubElement(root, "Text").text = error.message
    message = etree.SubElement(root, "Message")
    etree.SubElement(message, "ID").text = error.msg_class
    etree.SubElement(message, "Number").text = error.msg_number
    return root
