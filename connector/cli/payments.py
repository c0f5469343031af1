"""`sd-connector payments`: receipts from bank lines and payouts, and what persons decide."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.orders import person
from connector.cli.output import note, say, show, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.ports.statement_payments import StatementPayment

NumberArgument = Annotated[int, typer.Argument(help="Number of the payment.")]
AsOption = Annotated[
    str, typer.Option("--as", help="Who does this; the user of the machine when left out.")
]


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="payments",
        help="Post payments from bank lines and payouts; release or refuse what is proposed.",
        no_args_is_help=True,
        epilog="Example: sd-connector payments proposals",
    )
    example = "Example: sd-connector payments"
    group.command("post", epilog=f"{example} post")(post)
    group.command("proposals", epilog=f"{example} proposals --json")(proposals)
    group.command("list", epilog=f"{example} list --state posted")(list_)
    group.command("show", epilog=f"{example} show 7")(show_)
    group.command("release", epilog=f'{example} release 7 --way partial --comment "agreed"')(
        release
    )
    group.command("refuse", epilog=f'{example} refuse 7 --comment "a loan, not a payment"')(refuse)
    app.add_typer(group)


def post(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """
    Do one round: post what matches exactly and what was released, propose the rest.

    Exit code 0 when nothing needs a person, 1 when payments wait for one, 3 when the ERP could not
    be reached (nothing is lost; run it again).
    """
    from connector.bootstrap.statement_payments import post_from_statements

    with invocation_of(context).application() as application:
        done = post_from_statements(application)
    if as_json:
        say(_json(asdict(done)))
    else:
        say(
            f"Payments: {done.posted} posted, {done.in_doubt} in doubt, {done.held} refused by the "
            f"ERP, {done.settled} settled elsewhere, {done.proposed} proposed."
        )
        if done.erp_problem:
            note(f"The ERP could not be reached: {done.erp_problem}")
        if done.proposed or done.held:
            note("What waits for a person: sd-connector payments proposals")
    if done.erp_problem:
        raise typer.Exit(ExitCode.UNREACHABLE)
    if done.proposed or done.held:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def proposals(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """List what waits for a person: why, and in which ways it may be posted."""
    from connector.ports.statement_payments import WAITING

    with invocation_of(context).application(read_only=True) as application:
        found = application.statement_payments.find(WAITING)
    _listed(found, as_json=as_json, nothing="No payment waits for a person.")


def list_(
    context: typer.Context,
    *,
    state: Annotated[
        str,
        typer.Option(
            "--state",
            help="Only those that are proposed, ready, released, held, posted, refused or settled.",
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most, newest first.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List payments from statements, the newest first."""
    from connector.ports.statement_payments import PaymentState

    states = {each.value: each for each in PaymentState}
    if state and state not in states:
        raise typer.BadParameter(f"{state!r} is none of {', '.join(states)}", param_hint="--state")
    with invocation_of(context).application(read_only=True) as application:
        found = application.statement_payments.find({states[state]} if state else (), limit=limit)
    _listed(found, as_json=as_json, nothing="There are none.")


def show_(context: typer.Context, number: NumberArgument, *, as_json: JsonOption = False) -> None:
    """Show one payment: what it may pay, how it may be posted, and what was decided."""
    with invocation_of(context).application(read_only=True) as application:
        try:
            found = application.statement_payments.get(number)
        except KeyError:
            note(f"There is no payment {number}; `payments list` shows what there is.")
            raise typer.Exit(ExitCode.NEEDS_PERSON) from None
    if as_json:
        say(_json(_plain(found)))
        return
    show(table(f"Payment {found.id}", ("", ""), _facts(found)))
    if found.suggestion.candidates:
        rows = [
            (str(each.key), each.customer.lstrip("0"), str(each.open), str(each.discount))
            for each in found.suggestion.candidates
        ]
        show(table("Open items", ("Document", "Customer", ">Open", ">Discount"), rows))


def release(
    context: typer.Context,
    number: NumberArgument,
    *,
    way: Annotated[
        str,
        typer.Option(
            "--way",
            help="How: exact, partial, residual, small difference, surplus on account or on "
            "account. Left out: as the plan prefers.",
        ),
    ] = "",
    payer: Annotated[
        str, typer.Option("--payer", help="Post all of it on the account of this customer.")
    ] = "",
    comment: Annotated[str, typer.Option("--comment", help="Why; it is kept.")],
    by: AsOption = "",
) -> None:
    """Release a payment: the next round posts it, once."""
    from connector.bootstrap.payment_decisions import release as release_payment

    with invocation_of(context).application(beside=True) as application:
        done = release_payment(
            application, number, by=by.strip() or person(), comment=comment, way=way, payer=payer
        )
    say(f"{done.suggestion.subject}: released, {done.way}; the next round posts it.")


def refuse(
    context: typer.Context,
    number: NumberArgument,
    *,
    comment: Annotated[str, typer.Option("--comment", help="Why; it is kept.")],
    by: AsOption = "",
) -> None:
    """Refuse a payment: nothing is ever posted from its line."""
    from connector.bootstrap.payment_decisions import refuse as refuse_payment

    with invocation_of(context).application(beside=True) as application:
        done = refuse_payment(application, number, by=by.strip() or person(), comment=comment)
    say(f"{done.suggestion.subject}: refused, nothing is posted.")


def _listed(found: Iterable[StatementPayment], *, as_json: bool, nothing: str) -> None:
    records = tuple(found)
    if as_json:
        say(_json([_plain(each) for each in records]))
        return
    if not records:
        say(nothing)
        return
    headings = (">No", "Line", ">Amount", "Payer", ">Short by", "State", "Why", "Ways")
    rows = [
        (
            str(each.id),
            each.suggestion.subject,
            str(each.suggestion.amount),
            each.suggestion.payer.lstrip("0"),
            str(each.suggestion.difference or ""),
            each.state.value,
            each.document or each.reason or each.suggestion.reason,
            ", ".join(one.way.value for one in each.suggestion.postings),
        )
        for each in records
    ]
    show(table("Payments", headings, rows))


def _facts(found: StatementPayment) -> list[tuple[str, str]]:
    suggestion = found.suggestion
    facts = {
        "Line": suggestion.subject,
        "Amount": str(suggestion.amount),
        "Fee": str(suggestion.fee or ""),
        "Booked": suggestion.booked_on.isoformat(),
        "Payer": suggestion.payer.lstrip("0"),
        "State": found.state.value,
        "Why": found.reason or suggestion.reason,
        "Rule": suggestion.rule,
        "Short by": str(suggestion.difference or ""),
        "Ways": ", ".join(each.way.value for each in suggestion.postings),
        "Preferred": suggestion.preferred.value if suggestion.preferred else "",
        "Posted as": found.way.value if found.way else "",
        "Reference in FI": suggestion.reference,
        "Document": found.document,
        "Decided": f"{found.decided_by}: {found.comment}" if found.decided_by else "",
    }
    return [(name, text) for name, text in facts.items() if text]


def _plain(found: StatementPayment) -> dict[str, Any]:
    return {
        "number": found.id,
        "kind": found.kind.value,
        "state": found.state.value,
        "way": found.way.value if found.way else "",
        "reason": found.reason or found.suggestion.reason,
        "found_at": found.found_at.isoformat(),
        "decided_by": found.decided_by,
        "decided_at": found.decided_at.isoformat() if found.decided_at else "",
        "comment": found.comment,
        "document": found.document,
        "ways": [each.way.value for each in found.suggestion.postings],
        **found.suggestion.model_dump(mode="json", exclude={"postings", "reason", "flows"}),
    }


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, default=str)
