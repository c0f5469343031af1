"""Runs the operations of one service: reads, writes in a unit of work, batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.http.messages import HttpRequest, HttpResponse
from connector.simulator.odata import edmx
from connector.simulator.odata.batch_format import Changeset, read_batch, write_batch
from connector.simulator.odata.entity_set import BusinessError, Context, Key, ServiceEntities
from connector.simulator.odata.errors import (
    BATCH,
    ODataError,
    Origin,
    bad_request,
    detail_of,
    not_allowed,
    of_messages,
    render,
)
from connector.simulator.odata.functions import FunctionCaller
from connector.simulator.odata.operation import Operation
from connector.simulator.odata.options import QueryOptions, parse_query
from connector.simulator.odata.reading import Reader, answered
from connector.simulator.odata.repeatability import RepeatedRequests
from connector.simulator.odata.resources import Resolver
from connector.simulator.odata.schema import Service, Set
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.odata.source import Source
from connector.simulator.odata.uri import segments_of
from connector.simulator.odata.writer import Addresses, Writer
from connector.simulator.odata.writer_atom import AtomWriter
from connector.simulator.odata.writer_json import JsonWriter
from connector.simulator.odata.writing import Performer, Written

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp
    from connector.simulator.engine.session import Session

#: Says whether a fault strikes an operation inside a batch, and what it is answered with.
Strike = Callable[[str, str], ODataError | None]
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: user, language, and the address of the service as they wrote it."""

    user: str
    language: str
    root: str


class ServiceHandler:
    """One service."""

    def __init__(
        self,
        erp: SimulatedErp,
        service: Service,
        entities: ServiceEntities,
        settings: ODataFaceSettings,
        repeated: RepeatedRequests,
    ) -> None:
        self._erp, self._service, self._entities = erp, service, entities
        self._settings, self._repeated = settings, repeated

    def answer(
        self, caller: Caller, request: HttpRequest, path: str, strike: Strike
    ) -> HttpResponse:
        """Answer *request* for *path* below the service root."""
        operation = Operation(request.method, path, request.query, request.headers, request.body)
        if operation.method == "HEAD":
            operation.method = "GET"
        if path.strip("/") == "$batch":
            return self._guarded(caller, operation, lambda: self._batch(caller, operation, strike))
        if not operation.writes:
            return self._alone(caller, operation)
        return self._guarded(
            caller,
            operation,
            lambda: self._repeated.run(
                caller.user,
                self._service.name,
                operation.headers,
                lambda: self._alone(caller, operation),
            ),
        )

    # -- batches ---------------------------------------------------------------------------------

    def _batch(self, caller: Caller, operation: Operation, strike: Strike) -> HttpResponse:
        if operation.method != "POST":
            raise not_allowed(operation.method, "POST")
        parts = read_batch(operation.body, operation.headers.get("Content-Type"), caller.root)
        asked = sum(len(p.operations) if isinstance(p, Changeset) else 1 for p in parts)
        if asked > self._settings.batch_operations:
            raise bad_request(f"More than {self._settings.batch_operations} operations", BATCH)
        results: list[HttpResponse | Sequence[HttpResponse]] = []
        for part in parts:
            if isinstance(part, Changeset):
                results.append(self._changeset(caller, part, strike))
            else:
                results.append(self._retrieval(caller, part, strike))
        kind, body = write_batch(results)
        return answered(202, kind, body)

    def _retrieval(self, caller: Caller, operation: Operation, strike: Strike) -> HttpResponse:
        def run() -> HttpResponse:
            _raise(strike(operation.verb, operation.path))
            if operation.writes:
                text = f"{operation.method} is only allowed inside a changeset"
                raise bad_request(text, BATCH)
            return self._alone(caller, operation)

        return _named(self._guarded(caller, operation, run), operation)

    def _changeset(
        self, caller: Caller, changeset: Changeset, strike: Strike
    ) -> HttpResponse | Sequence[HttpResponse]:
        failed: list[Operation] = []

        def run() -> list[HttpResponse]:
            references: dict[str, tuple[Set, Key]] = {}
            with self._erp.session(caller.user) as session:
                context = self._context(caller, session)
                written: list[Written] = []
                for operation in changeset.operations:
                    failed[:] = [operation]
                    _raise(strike(operation.verb, operation.path))
                    if not operation.writes:
                        raise bad_request("A changeset must not contain a GET", BATCH)
                    result = self._write(caller, operation, context, references)
                    if result.created is not None and operation.content_id:
                        references[operation.content_id] = result.created
                    written.append(result)
                _commit(context)
                return [
                    _named(each.finish(), operation)
                    for each, operation in zip(written, changeset.operations, strict=True)
                ]

        if not changeset.operations:
            return []
        try:
            return run()
        except (ODataError, BusinessError, ShortDumpError) as error:
            return _named(self._failed(caller, failed[0], error), failed[0])

    # -- single operations -----------------------------------------------------------------------

    def _alone(self, caller: Caller, operation: Operation) -> HttpResponse:
        return self._guarded(caller, operation, lambda: self._one(caller, operation))

    def _one(self, caller: Caller, operation: Operation) -> HttpResponse:
        with self._erp.session(caller.user) as session:
            context = self._context(caller, session)
            if not operation.writes:
                return self._read(caller, operation, context)
            written = self._write(caller, operation, context, {})
            _commit(context)
            response = written.finish()
            if context.messages and self._settings.success_messages:
                response.headers.set("sap-message", _sap_message(context))
            return response

    def _read(self, caller: Caller, operation: Operation, context: Context) -> HttpResponse:
        if operation.method != "GET":
            raise not_allowed(operation.method, "GET, HEAD, POST")
        segments = segments_of(operation.path)
        if segments and segments[0].name == "$metadata" and len(segments) == 1:
            body = edmx.document(self._service, caller.root)
            return answered(200, "application/xml;charset=utf-8", body)
        options = parse_query(operation.query)
        source = Source(self._service, self._entities, context)
        writer = self._writer(source, caller, operation, options)
        if not segments:
            return answered(200, writer.service_type, writer.service_document())
        function = self._service.functions.get(segments[0].name)
        if function is not None and len(segments) == 1:
            caller_ = FunctionCaller(source, self._entities, self._settings)
            return caller_.call(function, operation, options, writer).finish()
        path = Resolver(source).resolve(segments)
        return Reader(source, writer, self._settings, caller.root).answer(path, operation, options)

    def _write(
        self,
        caller: Caller,
        operation: Operation,
        context: Context,
        references: dict[str, tuple[Set, Key]],
    ) -> Written:
        segments = segments_of(operation.path)
        if not segments or segments[0].name in ("$metadata", "$batch"):
            raise not_allowed(operation.verb, "GET")
        options = parse_query(operation.query)
        source = Source(self._service, self._entities, context)
        writer = self._writer(source, caller, operation, options)
        function = self._service.functions.get(segments[0].name)
        if function is not None and len(segments) == 1:
            functions = FunctionCaller(source, self._entities, self._settings)
            return functions.call(function, operation, options, writer)
        path = Resolver(source, references).resolve(segments)
        return Performer(source, self._settings, caller.root).perform(path, operation, writer)

    def _writer(
        self, source: Source, caller: Caller, operation: Operation, options: QueryOptions
    ) -> Writer:
        addresses = Addresses(source, caller.root)
        if operation.wants_json(options.format):
            return JsonWriter(addresses)
        return AtomWriter(addresses, self._erp.clock.now())

    def _context(self, caller: Caller, session: Session) -> Context:
        now = self._erp.clock.now()
        return Context(self._erp, session, caller.user, now, caller.language)

    # -- failures --------------------------------------------------------------------------------

    def _guarded(
        self, caller: Caller, operation: Operation, run: Callable[[], HttpResponse]
    ) -> HttpResponse:
        try:
            return run()
        except (ODataError, BusinessError, ShortDumpError) as error:
            return self._failed(caller, operation, error)

    def _failed(self, caller: Caller, operation: Operation, error: Exception) -> HttpResponse:
        if isinstance(error, BusinessError):
            error = of_messages(error.messages, error.status)
        elif isinstance(error, ShortDumpError):
            error = ODataError(_SERVER_ERROR, f"Runtime error: {error}", error.key)
        if not isinstance(error, ODataError):
            raise error
        service = self._service
        now = self._erp.clock.now()
        origin = Origin(service.name, service.version, caller.language, now)
        return render(error, origin, as_json=_json_for_errors(operation))


def _commit(context: Context) -> None:
    outcome = context.session.commit(wait=True)
    if not outcome.accepted:
        raise BusinessError(outcome.messages, _SERVER_ERROR)


def _raise(error: ODataError | None) -> None:
    if error is not None:
        raise error


def _named(response: HttpResponse, operation: Operation) -> HttpResponse:
    if operation.content_id:
        response.headers.set("Content-ID", operation.content_id)
    return response


def _json_for_errors(operation: Operation) -> bool:
    try:
        format_ = parse_query(operation.query).format
        return operation.wants_json(format_)
    except ODataError:
        return "json" in (operation.headers.get("Accept") + operation.query).lower()


def _sap_message(context: Context) -> str:
    first, *others = [detail_of(message) for message in context.messages]
    content = {
        "code": first.code,
        "message": first.message,
        "severity": first.severity,
        "target": first.property,
        "details": [
            {"code": d.code, "message": d.message, "severity": d.severity, "target": d.property}
            for d in others
        ],
    }
    return json.dumps(content)
