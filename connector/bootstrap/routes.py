"""The routes of the settings, checked against what transports can do and what plans ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connector.erp.odata.capabilities import CAPABILITIES as ODATA
from connector.erp.rfc.capabilities import CAPABILITIES as RFC
from connector.erp.routes import (
    SALES_OPERATIONS,
    Routes,
    access_of,
    reaches,
    require_possible,
    transports_that,
)
from connector.erp.soap.capabilities import CAPABILITIES as SOAP
from connector.erp.soap.options import SoapOptions
from connector.errors import ConfigurationError
from connector.mappings.rules import MappingRules
from connector.ports.capabilities import Access, Capabilities, Capability, ErpOperation, Transport
from connector.settings import Settings, checked_options
from connector.sync.plan import DocumentPlan, Plan

#: Documents of a plan, what creating one takes, and who else can make it.
_DOCUMENTS: Final = (
    (ErpOperation.INQUIRY, Access.CREATE, "absent"),
    (ErpOperation.QUOTATION, Access.CREATE, "absent"),
    (ErpOperation.SALES_ORDER, Access.CREATE, ""),
    (ErpOperation.DELIVERY, Access.CREATE, "observe"),
    (ErpOperation.GOODS_ISSUE, Access.CHANGE, "observe"),
    (ErpOperation.BILLING, Access.CREATE, "observe"),
    (ErpOperation.PAYMENT, Access.CREATE, "observe"),
)


def capabilities(settings: Settings) -> Mapping[Transport, Capabilities]:
    """
    Return what each transport can do on the ERP of *settings*.

    Over SOAP sales documents are created by functions of the customer's own, which the settings
    name.
    """
    wrappers = checked_options(settings, "erp.soap.options", SoapOptions).wrappers
    created = {operation.value: operation for operation in SALES_OPERATIONS.values()}
    soap = {
        **SOAP,
        **{operation: Capability(Access.NONE) for operation in created.values()},
        **{
            created[name]: Capability(Access.CREATE, (wrapper.function,))
            for name, wrapper in wrappers.items()
        },
    }
    return {Transport.RFC: RFC, Transport.ODATA: ODATA, Transport.SOAP: soap}


def checked_routes(settings: Settings) -> Routes:
    """
    Return the routes of *settings*.

    Raises:
        ConfigurationError: a route is impossible, or one is missing that nothing works without.
    """
    routes = settings.erp.chosen_routes
    where, able = f"{settings.file.path}: erp.routes", capabilities(settings)
    require_possible(routes, able, where)
    needed = [ErpOperation.SALES_ORDER, ErpOperation.DOCUMENT_FLOW]
    if settings.sync.simulate_before_create:
        needed.append(ErpOperation.SIMULATION)
    for operation in needed:
        if operation not in routes:
            others = transports_that(operation, Access.READ, able)
            hint = f"Choose one of {', '.join(each.value for each in others)}"
            if operation is ErpOperation.SIMULATION:
                hint += ", or turn off sync.simulate_before_create"
            raise ConfigurationError(
                f"{where}.{operation.value}", "orders need it, and no transport is chosen", hint
            )
    return routes


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """An operation: what each transport can do of it, and which one does it (None: none)."""

    operation: ErpOperation
    route: Transport | None
    access: Access
    transports: Mapping[Transport, Capability]


def capability_rows(settings: Settings) -> tuple[CapabilityRow, ...]:
    """Return a row for each operation; routes that are impossible are shown as they are."""
    routes = settings.erp.chosen_routes
    nothing, able = Capability(Access.NONE), capabilities(settings)
    return tuple(
        CapabilityRow(
            operation,
            routes.get(operation),
            access_of(operation, routes, able),
            {name: each.get(operation, nothing) for name, each in able.items()},
        )
        for operation in ErpOperation
    )


def require_asked(settings: Settings, routes: Routes, channel: str, rules: MappingRules) -> None:
    """
    Raise ConfigurationError where *rules* of *channel* look into master data that has no route.

    The error names channel and rules, and what to write instead.
    """
    if ErpOperation.MASTER_DATA in routes or not rules.asks_the_erp:
        return
    able = transports_that(ErpOperation.MASTER_DATA, Access.READ, capabilities(settings))
    raise ConfigurationError(
        f"{settings.file.path}: erp.routes.master_data",
        f"the rules of the channel {channel} ({rules.path.name}) look into the ERP's master data, "
        "and no transport is chosen for it",
        f"Choose one of {', '.join(each.value for each in able)}, or look it up in a table of "
        "your own",
    )


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A document that a plan wants to create, and its route cannot."""

    plan: str
    channel: str
    operation: ErpOperation
    otherwise: str
    able: tuple[Transport, ...]


def require_creatable(settings: Settings, plans: Mapping[str, Plan], routes: Routes) -> None:
    """
    Raise ConfigurationError where a plan in use creates what its route cannot create.

    The error names plan, channel, document and route, and what to write instead.
    """
    for refusal in _refusals(settings, plans, routes):
        operation, way = refusal.operation, routes.get(refusal.operation)
        over = f"over {way.value}, its route" if way else "without a route"
        raise ConfigurationError(
            f"{_file(settings, refusal.plan)}: {operation.value}",
            f"channel {refusal.channel} would create it {over}, which is impossible",
            _remedy(refusal),
        )


def _refusals(settings: Settings, plans: Mapping[str, Plan], routes: Routes) -> Iterator[_Refusal]:
    able = capabilities(settings)
    for channel, chosen in settings.channels.items():
        plan = plans.get(chosen.plan)
        for operation, needed, otherwise in _DOCUMENTS if plan else ():
            document: DocumentPlan = getattr(plan, operation.value)
            if document.is_created and not reaches(access_of(operation, routes, able), needed):
                others = transports_that(operation, needed, able)
                yield _Refusal(chosen.plan, channel, operation, otherwise, others)


def _remedy(refusal: _Refusal) -> str:
    name = refusal.operation.value
    ways = [f"route {name} over {each.value} (erp.routes)" for each in refusal.able]
    if refusal.otherwise == "observe":
        ways.insert(0, f"write `{name}: {{by: observe}}`, so that the ERP's own job creates it")
    elif refusal.otherwise:
        ways.insert(0, f"write `{name}: {{by: {refusal.otherwise}}}`")
    text = ", or ".join(ways)
    return text[:1].upper() + text[1:]


def _file(settings: Settings, plan: str) -> Path:
    return settings.plans / f"{plan}.yaml"
