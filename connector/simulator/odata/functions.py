"""Runs function imports."""

from __future__ import annotations

from collections.abc import Mapping

from connector.simulator.http.messages import HttpResponse
from connector.simulator.odata.entity_set import Entity, ServiceEntities, Value, unavailable
from connector.simulator.odata.errors import bad_request, not_allowed
from connector.simulator.odata.etags import check_match, etag_of
from connector.simulator.odata.literals import typed
from connector.simulator.odata.operation import Operation
from connector.simulator.odata.options import QueryOptions
from connector.simulator.odata.reading import answered
from connector.simulator.odata.schema import Function, Set
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.odata.shape import shape_of
from connector.simulator.odata.source import Source
from connector.simulator.odata.writer import Feed, Writer
from connector.simulator.odata.writing import Written


class FunctionCaller:
    """Runs the function imports of one service."""

    def __init__(
        self, source: Source, entities: ServiceEntities, settings: ODataFaceSettings
    ) -> None:
        self._source, self._entities, self._settings = source, entities, settings

    def call(
        self, function: Function, operation: Operation, options: QueryOptions, writer: Writer
    ) -> Written:
        """Run *function*; its answer is written after the commit. Raises ODataError."""
        if operation.method != function.method:
            raise not_allowed(operation.method, function.method)
        parameters = _parameters(function, options.custom)
        run = self._entities.function_imports.get(function.name)
        if run is None:
            raise unavailable(function.name)
        self._check_etag(operation, parameters)
        result = run(parameters, self._source.context)
        results = [result] if isinstance(result, Entity) else list(result)
        return Written(lambda: self._answer(function, results, options, writer))

    def _answer(
        self,
        function: Function,
        results: list[Entity],
        options: QueryOptions,
        writer: Writer,
    ) -> HttpResponse:
        type_ = function.returns
        if not type_.is_entity:
            return answered(200, writer.entry_type, writer.function_result(function, results))
        service = self._source.service
        set_ = service.set_of_type[type_.name]
        depth = self._settings.expand_depth
        shape = shape_of(service, set_, options.select, options.expand, depth)
        if function.is_collection:
            return answered(200, writer.feed_type, writer.feed(Feed(results), shape, function.name))
        return answered(200, writer.entry_type, writer.entry(results[0], shape))

    def _check_etag(self, operation: Operation, parameters: Mapping[str, Value]) -> None:
        """Compare If-Match with the entity that the parameters name."""
        given = operation.headers.get("If-Match")
        demanded = self._settings.etag_demanded_by_functions and operation.method != "GET"
        set_ = self._meant(parameters)
        if set_ is None or not (given or demanded):
            return
        key = {name: parameters[name] for name in set_.type.key}
        entity = self._source.find(set_, key)
        if entity is not None:
            check_match(etag_of(set_.type, entity), given, demanded=demanded)

    def _meant(self, parameters: Mapping[str, Value]) -> Set | None:
        """Return the set with an ETag whose key is among the parameters, the longest key first."""
        found = [
            each
            for each in self._source.service.sets.values()
            if each.type.etag is not None and set(each.type.key) <= set(parameters)
        ]
        return max(found, key=lambda each: len(each.type.key), default=None)


def _parameters(function: Function, given: Mapping[str, str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, property_ in function.parameters.items():
        if name not in given:
            raise bad_request(f"Invalid Function Import Parameter: '{name}' is missing")
        try:
            found[name] = typed(property_, given[name].strip())
        except ValueError as error:
            raise bad_request(f"Invalid Function Import Parameter '{name}': {error}") from None
    return found
