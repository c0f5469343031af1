"""`sd-connector mapping diff`: what does a change of the mapping change in the orders?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.messages import PROGRESS_EVERY, messages_in
from connector.cli.output import print_json, progress, say, show, table
from connector.cli.received import (
    Period,
    ReceivedFromOption,
    ReceivedToOption,
    received_messages,
)

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.errors import MessageError
    from connector.mappings.difference_groups import DifferenceGroups, Group
    from connector.mappings.entered_value import Amounts
    from connector.mappings.inbound_order import InboundOrder
    from connector.mappings.paired_outcomes import MappingVersion
    from connector.mappings.profile import ChannelProfile
    from connector.sd_documents.values import DocumentCategory

#: Groups and examples of each that the tables show; --json and --html have all.
MOST_GROUPS: Final = 30
MOST_EXAMPLES: Final = 2
#: A longer value is cut in tables.
_LONGEST: Final = 60


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    group.command(
        "diff", epilog="Example: sd-connector mapping diff git:HEAD config --orders orders/2025"
    )(diff)


def diff(
    context: typer.Context,
    old: Annotated[
        str,
        typer.Argument(help="Folder with channels/ and mappings/, rules file, or git:REVISION."),
    ],
    new: Annotated[str, typer.Argument(help="The other version, named likewise.")],
    *,
    orders: Annotated[
        list[Path] | None, typer.Option(help="Files or folders with messages; again for more.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", help="Channel, if the settings have several.")
    ] = None,
    received_from: ReceivedFromOption = None,
    received_to: ReceivedToOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the differences as a page to this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Run two versions of a mapping over the same orders and group what differs.

    A version is profile, rules and tables of a channel. Differences are grouped by field, by rule
    and by effect on money, with examples: orders newly held or no longer held, documents, fields,
    payments, notices, and what the documents come to by their own conditions. Nothing is written
    and no ERP is asked.

    Ends with 0 when no order differs, with 1 when some do.
    """
    from connector.mappings.difference_groups import DifferenceGroups

    period = Period.of(received_from, received_to)
    if bool(orders) == (period is not None):
        raise typer.BadParameter(
            "say over which orders: --orders FILE_OR_DIR, or a period with --received-from and "
            "--received-to",
            param_hint="--orders",
        )
    if html is not None and (html.is_dir() or not html.absolute().parent.is_dir()):
        raise typer.BadParameter(f"there is no folder {html.parent}", param_hint="--html")
    groups = DifferenceGroups()
    with ExitStack() as stack:
        application = stack.enter_context(invocation_of(context).application(read_only=True))
        name = channel or _channel_of(application, old, new)
        one, other, wanted = _versions(stack, application, name, old, new)
        read = _reading(application, name, orders or (), period)
        line = stack.enter_context(
            progress("Comparing the mappings", quiet=as_json, every=PROGRESS_EVERY)
        )
        _compare(read, one, other, wanted, groups, line.at)
    if html is not None:
        from connector.reports.difference_html import write_page

        write_page(html, f"Mapping of {name}: {old} and {new}", groups)
    if as_json:
        print_json(_plain(groups))
    else:
        _tell(groups)
    if groups.different:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _channel_of(application: Application, old: str, new: str) -> str:
    """Return the channel that is meant: what the rules say, else the only one of the settings."""
    from connector.cli.mapping_orders import the_channel
    from connector.mappings.rules import load_rules

    for text in (new, old):
        if Path(text).is_file():
            return load_rules(Path(text)).channel
    return the_channel(application, None).name


def _versions(
    stack: ExitStack, application: Application, channel: str, old: str, new: str
) -> tuple[MappingVersion, MappingVersion, Collection[DocumentCategory]]:
    """Return both versions, and the documents that the channel's plan or the rules want."""
    from connector.cli.mapping_versions import Versions

    settings = application.settings
    known = settings.channels.get(channel)
    folder = settings.file.path.parent
    versions = stack.enter_context(Versions(channel, folder, known.profile if known else None))
    one, other = versions.find(old, "OLD"), versions.find(new, "NEW")
    if known is not None:
        return one, other, application.plan(known.plan).created_sales_documents
    return one, other, {*one.rules.documents, *other.rules.documents}


def _reading(
    application: Application,
    channel: str,
    paths: Sequence[Path],
    period: Period | None,
) -> Callable[[ChannelProfile], Iterable[InboundOrder | MessageError]]:
    """Return what reads the messages by a profile."""
    from connector.bootstrap.drop_folders import patterns_of
    from connector.mappings.message_format import file_patterns

    if period is None:
        known = application.settings.channels.get(channel)

        def from_files(profile: ChannelProfile) -> Iterator[InboundOrder | MessageError]:
            patterns = patterns_of(known, profile) if known else file_patterns(profile.message)
            return messages_in(paths, profile, patterns)

        return from_files
    setup = application.channel(channel)

    def from_store(profile: ChannelProfile) -> Iterator[InboundOrder | MessageError]:
        return received_messages(application, replace(setup, profile=profile), period)

    return from_store


def _compare(  # noqa: PLR0917
    read: Callable[[ChannelProfile], Iterable[InboundOrder | MessageError]],
    old: MappingVersion,
    new: MappingVersion,
    wanted: Collection[DocumentCategory],
    groups: DifferenceGroups,
    at: Callable[[int], None],
) -> None:
    from connector.errors import MessageError
    from connector.mappings.comparison import compare
    from connector.mappings.paired_outcomes import paired_outcomes

    for source, one, other in paired_outcomes(read, old, new, wanted):
        apart = MessageError(source, "is no message of its own", "one order")
        before, after = one or apart, other or apart
        groups.add(source, before, after, compare(before, after))
        at(groups.compared)


def _tell(groups: DifferenceGroups) -> None:
    if not groups.compared:
        say("There are no orders to compare.")
        return
    if groups.different:
        for title, by, shown in (
            ("By field", ("What", "Field"), _rows(groups.fields, by_rule=False)),
            ("By rule", ("Rule", "Written in"), _rows(groups.rules, by_rule=True)),
        ):
            show(table(title, (">Orders", ">Times", *by, "Effect", "For example"), shown))
        rows = [
            (f"{each.orders:,}", each.name, _money(each.net), _money(each.gross), _orders(each))
            for each in groups.effects
        ]
        titles = (">Orders", "The order", "Net", "Gross", "For example")
        show(table("By effect on money", titles, rows))
    sums = [
        (
            currency, f"{total.old:,f}", f"{total.new:,f}", f"{total.net:+,f}",
            f"{total.gross:,f}", f"{total.orders:,}", f"{total.expected:,f}",
        )
        for currency, total in sorted(groups.totals.items())
    ]  # fmt: skip
    if sums:
        columns = ("Currency", ">Before", ">After", ">Net", ">Gross", ">Orders", ">Channels say")
        show(table("What the documents come to by their own conditions", columns, sums))
    say(f"Held: {groups.held_before:,} before, {groups.held_after:,} after.")
    same = groups.compared - groups.different
    say(f"{groups.compared:,} orders: {same:,} alike, {groups.different:,} differ.")


def _rows(groups: list[Group], *, by_rule: bool) -> Iterator[tuple[str, ...]]:
    for each in groups[:MOST_GROUPS]:
        what = (each.name, each.place) if by_rule else (each.kind, each.name)
        yield (
            f"{each.orders:,}", f"{each.differences:,}", *what, _money(each.net), _examples(each),
        )  # fmt: skip
    if len(groups) > MOST_GROUPS:
        yield ("", "", f"and {len(groups) - MOST_GROUPS} more: --json, --html", "", "", "")


def _examples(group: Group) -> str:
    return "\n".join(
        f"{each.order}: {_cut(each.old) or '(none)'} -> {_cut(each.new) or '(none)'}"
        for each in group.examples[:MOST_EXAMPLES]
    )


def _orders(group: Group) -> str:
    return ", ".join(each.order for each in group.examples)


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 3]}..."


def _money(amounts: Amounts) -> str:
    return ", ".join(f"{amount:+,f} {currency}" for currency, amount in amounts.items() if amount)


def _plain(groups: DifferenceGroups) -> dict[str, Any]:
    return {
        "orders": groups.compared,
        "different": groups.different,
        "held_before": groups.held_before,
        "held_after": groups.held_after,
        "by_field": [_plain_group(each) for each in groups.fields],
        "by_rule": [_plain_group(each) for each in groups.rules],
        "by_effect": [_plain_group(each) for each in groups.effects],
        "totals": {
            currency: {
                "before": str(total.old), "after": str(total.new), "net": str(total.net),
                "gross": str(total.gross), "orders": total.orders,
                "channels_say": str(total.expected),
            }
            for currency, total in sorted(groups.totals.items())
        },
    }  # fmt: skip


def _plain_group(group: Group) -> dict[str, Any]:
    return {
        "what": group.kind,
        "name": group.name,
        "place": group.place,
        "orders": group.orders,
        "differences": group.differences,
        "net": {currency: str(amount) for currency, amount in group.net.items()},
        "gross": {currency: str(amount) for currency, amount in group.gross.items()},
        "examples": [
            {
                "order": each.order, "source": each.source, "where": each.where,
                "old": each.old, "new": each.new,
                "amounts": {currency: str(amount) for currency, amount in each.amounts.items()},
            }
            for each in group.examples
        ],
    }  # fmt: skip
