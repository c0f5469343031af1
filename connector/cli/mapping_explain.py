"""`sd-connector mapping explain`: why has this field this value?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, print_json, say, show, table

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.bootstrap.channel_setup import ChannelSetup
    from connector.mappings.explaining import Answer, Explanation
    from connector.mappings.inbound_order import InboundOrder


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    group.command("explain", epilog="Example: sd-connector mapping explain 1103 sold_to_party")(
        explain
    )


def explain(
    context: typer.Context,
    order: Annotated[
        str,
        typer.Argument(help="A file with one order; or an order by name or number, see --orders."),
    ],
    field: Annotated[
        str,
        typer.Argument(
            help="A field of a document: items[0].material, material, PR00, ship_to_party.city."
        ),
    ],
    *,
    channel: Annotated[
        str | None, typer.Option("--channel", help="Channel of the order, if there are several.")
    ] = None,
    orders: Annotated[
        list[Path] | None,
        typer.Option(help="Files or folders in which the order is; without it, the store."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Show where a field of an order's documents comes from, back to the message.

    Value, rule with file and line, what the rule read and what stood there, the expression of the
    profile that read it from the message, and the reason that the rules give. A field that is held
    or empty says why. Where no field has that name, the nearest one is shown.

    Ends with 1 when there is no such order or field.
    """
    from connector.mappings.explaining import explain as explained

    with invocation_of(context).application(read_only=True) as application:
        setup, found = _order(application, order, channel, orders)
        wanted = application.plan(setup.route.plan).created_sales_documents
        mapped = setup.route.map(found.order, wanted)
        answer = explained(field, mapped, setup.profile, setup.route.rules)
    name = found.order.order_name or found.order.external_id
    if as_json:
        for each in answer.explanations:
            print_json({"order": name, "source": found.source, **_plain(each)})
    else:
        _tell(name, found.source, field, answer)
    if not answer.explanations:
        note(f"No document of the order {name} has a field like {field!r}.")
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _order(
    application: Application, order: str, channel: str | None, paths: list[Path] | None
) -> tuple[ChannelSetup, InboundOrder]:
    from connector.cli.mapping_orders import named_order, only_order, stored_order, the_channel

    if paths:
        setup = the_channel(application, channel)
        return setup, named_order(order, paths, setup)
    if Path(order).is_file():
        setup = the_channel(application, channel)
        return setup, only_order(Path(order), setup)
    return stored_order(application, order, channel)


def _plain(found: Explanation) -> dict[str, Any]:
    return {
        **asdict(found),
        "problems": [each.model_dump(mode="json") for each in found.problems],
        "notices": [each.model_dump(mode="json") for each in found.notices],
    }


def _tell(name: str, source: str, field: str, answer: Answer) -> None:
    if answer.is_guess and answer.explanations:
        say(f"There is no field {field!r}; the nearest is {answer.explanations[0].path}.")
    for each in answer.explanations:
        say(f"Order {name} ({source}), {each.document}, {each.path}:")
        show(table("", ("", ""), list(_rows(each))))


def _rows(found: Explanation) -> list[tuple[str, str]]:
    from connector.mappings.explaining import State

    meaning = {
        State.FILLED: found.value,
        State.EMPTY: "(empty: the rule came to nothing, so the ERP takes its own)",
        State.WITHOUT_RULE: "(empty: there is no rule for it, so the ERP takes its own)",
        State.HELD: "(held: the document could not be built)",
    }
    rows = [
        ("value", meaning[found.state]),
        ("rule", found.rule),
        ("written in", _near(found.place)),
    ]
    if found.state is State.FILLED and found.source_path:
        rows.append(("read from", f"{found.source_path} = {found.source_value}"))
    elif found.source_value:
        rows.append(("reads", found.source_value))
    rows += [
        ("from the message", f"{each.field} = {each.expression}\n{_near(each.place)}")
        for each in found.readings
    ]
    rows.append(("because", found.because))
    rows += [("held", f"{each.code}: {each.message}") for each in found.problems]
    rows += [("not certain", f"{each.code}: {each.message}") for each in found.notices]
    return [(label, text) for label, text in rows if text]


def _near(place: str) -> str:
    """Return *place* as it is named from here, where it lies below."""
    return place.removeprefix(f"{Path.cwd()}/")
