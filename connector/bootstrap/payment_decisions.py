"""What a person decides about payments from statements: release in a way, or refuse."""

from __future__ import annotations

from connector.bootstrap.application import Application
from connector.errors import ConfigurationError
from connector.ports.statement_payments import (
    WAITING,
    PaymentState,
    Posting,
    StatementPayment,
    Suggestion,
    Way,
)
from connector.ports.step_state import StepState
from connector.sd_documents.values import pad_number
from connector.sync.bank_postings import moved_to_account_of


def release(
    application: Application,
    number: int,
    *,
    by: str,
    comment: str,
    way: str = "",
    payer: str = "",
) -> StatementPayment:
    """
    Release payment *number*: the next round posts it in *way*, once.

    Without *way* it is the one that finance's rules prefer. With *payer* all of it goes to the
    account of that customer.

    Raises:
        ConfigurationError: there is no such payment or way, nobody can say who paid, or it waits
            for nobody any more.
    """
    record = _waiting(application, number)
    suggestion = record.suggestion
    if payer.strip():
        if not suggestion.gl_account:
            raise _cannot(record, "only money on a bank account may go to another payer")
        paid = moved_to_account_of(suggestion, pad_number(payer))
        chosen = Way.ON_ACCOUNT
        postings = (
            *(each for each in suggestion.postings if each.way is not chosen),
            Posting(way=chosen, payment=paid),
        )
        suggestion = suggestion.model_copy(update={"postings": postings, "payer": payer})
    else:
        chosen = _way(record, way)
    return _decided(
        application, record, PaymentState.RELEASED, by, comment, way=chosen, suggestion=suggestion
    )


def refuse(application: Application, number: int, *, by: str, comment: str) -> StatementPayment:
    """
    Refuse payment *number*: it is never posted from here.

    Raises:
        ConfigurationError: there is no such payment, it waits for nobody any more, or it may have
            been posted.
    """
    record = _waiting(application, number)
    if record.step_state is StepState.AMBIGUOUS:
        raise _cannot(record, "the ERP may have it: clean up there, then release it")
    return _decided(application, record, PaymentState.REFUSED, by, comment)


def _decided(
    application: Application,
    record: StatementPayment,
    state: PaymentState,
    by: str,
    comment: str,
    *,
    way: Way | None = None,
    suggestion: Suggestion | None = None,
) -> StatementPayment:
    try:
        return application.statement_payments.decide(
            record.id,
            state,
            by=by,
            comment=comment,
            now=application.clock.now(),
            way=way,
            suggestion=suggestion,
        )
    except ValueError as error:
        # Somebody else was faster.
        raise _cannot(record, str(error)) from error


def _waiting(application: Application, number: int) -> StatementPayment:
    try:
        record = application.statement_payments.get(number)
    except KeyError:
        raise ConfigurationError(
            f"payment {number}", "there is none", "See `sd-connector payments list`"
        ) from None
    if record.state not in WAITING:
        raise _cannot(record, f"it waits for nobody: it is {record.state.value}")
    return record


def _way(record: StatementPayment, wanted: str) -> Way:
    ways = [each.way for each in record.suggestion.postings]
    if not ways:
        hint = "name who paid with --payer" if record.suggestion.gl_account else "refuse it"
        raise _cannot(record, f"nothing can be posted: {record.suggestion.reason}", hint)
    named = ", ".join(way.value for way in ways)
    if wanted:
        found = next((way for way in ways if way.value == wanted.replace("-", " ")), None)
        if found is None:
            raise _cannot(record, f"cannot be posted as {wanted!r}", f"Possible: {named}")
        return found
    chosen = record.way or record.suggestion.preferred
    if chosen is None:
        raise _cannot(record, "finance's rules leave open how", f"Choose with --way: {named}")
    return chosen


def _cannot(record: StatementPayment, problem: str, hint: str = "") -> ConfigurationError:
    return ConfigurationError(f"payment {record.id}", problem, hint)
