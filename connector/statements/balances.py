"""Whether a statement is whole: opening balance plus lines is the closing balance, to the cent."""

from __future__ import annotations

from connector.sd_documents.values import Money
from connector.statements.model import BankStatement


def checked(statement: BankStatement) -> BankStatement:
    """Return *statement* with the problem that its balances show, if they show one."""
    problem = _problem(statement)
    if not problem:
        return statement
    told = f"{statement.source}, statement {statement.name}: {problem}"
    return statement.model_copy(update={"problems": (*statement.problems, told)})


def _problem(statement: BankStatement) -> str:
    opening, closing = statement.opening, statement.closing
    missing = [
        name for name, balance in (("opening", opening), ("closing", closing)) if balance is None
    ]
    if opening is None or closing is None:
        return (
            f"no {' and no '.join(missing)} balance, so nobody can tell whether lines are missing"
        )
    others = sorted({line.amount.currency for line in statement.lines} - {opening.currency})
    if others:
        return f"lines in {', '.join(others)} on an account in {opening.currency}"
    if opening.currency != closing.currency:
        return f"opens in {opening.currency} and closes in {closing.currency}"
    reached = Money(amount=opening.amount + statement.movement, currency=opening.currency)
    if reached != closing:
        return (
            f"{opening} and {len(statement.lines)} lines of "
            f"{Money(amount=statement.movement, currency=opening.currency)} make {reached}, "
            f"the closing balance says {closing}: {closing - reached} differ"
        )
    return ""
