"""
Connectors that are broken on purpose: what each does wrong, what brings it out, who must see it.

An invariant that no broken connector violates proves nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connector.errors import LeaseLostError
from connector.ports.erp import ChainSnapshot, Point
from connector.ports.step_state import Operation
from connector.ports.store_records import Step
from connector.sync import submit
from connector.sync.look_up import Found
from connector.sync.submit import Outcome, Submission
from tests.proof import invariants
from tests.proof.company import ProvenCompany
from tests.proof.histories import COMMIT
from tests.proof.invariants import Invariant
from tests.proof.orders import Wanted

ORDER = Wanted("EXT-1001", (("10", 2),), paid=True)
Break = Callable[[ProvenCompany, pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Breakage:
    """A way to be broken. ``scenario`` ends well with a sound connector."""

    name: str
    break_it: Break
    scenario: Callable[[ProvenCompany], None]
    seen_by: Invariant


# -- scenarios -----------------------------------------------------------------------------------


def an_order(proven: ProvenCompany) -> None:
    """Nothing special happens."""
    proven.receive(ORDER)


def a_lost_answer(proven: ProvenCompany) -> None:
    """The order's commit is done; its answer never arrives."""
    proven.company.face.inject("connection lost after commit", COMMIT)
    proven.receive(ORDER)


def an_erp_that_was_gone(proven: ProvenCompany) -> None:
    """The order arrives while nobody answers."""
    proven.company.face.inject("connection refused", times=3)
    proven.receive(ORDER)


def a_terminated_update(proven: ProvenCompany) -> None:
    """The commit says yes, and its update is terminated."""
    proven.company.simulated.faults.inject("update terminated after commit", "commit")
    proven.receive(ORDER)


def an_overtaken_worker(proven: ProvenCompany) -> None:
    """A worker stands still before its commit, past its lease, and then goes on."""
    proven.company.face.inject("connection refused", times=3)
    proven.receive(ORDER)
    proven.watch.stop_at = (Operation.CREATE_SALES_ORDER, Point.CREATE_ANSWERED)
    proven.overtaken()


def a_person_in_the_erp(proven: ProvenCompany) -> None:
    """An invoice that waits for its payment is cancelled in the ERP, by somebody there."""
    proven.receive(replace(ORDER, paid=False))
    proven.later(hours=1)
    proven.run()
    [view] = proven.views()
    [invoice] = view.billing_documents
    with proven.company.simulated.session("SMITH") as session:
        outcome = session.cancel_billing_document(invoice.number)
        assert outcome.numbers, outcome.messages
        session.commit(wait=True)


# -- ways to be broken ---------------------------------------------------------------------------


def forgets_what_is_due(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """An order that could not go on at once is not looked at again."""
    patch.setattr(type(proven.context.store.flows), "due", lambda *_, **__: ())


def loses_an_order(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """The channel is told that the order was taken, and it was not stored."""
    sound = type(proven.context.store.orders).receive

    def receive(self: Any, messages: Sequence[Any], **more: Any) -> Any:
        return sound(self, messages[1:], **more)

    patch.setattr(type(proven.context.store.orders), "receive", receive)


def never_looks(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """What was not confirmed counts as not posted, and is sent again."""
    patch.setattr("connector.sync.doubt.look_up", lambda *_: Found())


def believes_the_number(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """A number that the ERP named counts as a document, committed or not."""

    def believe(context: Any, observer: Any, error: Exception) -> Submission:
        step: Step = observer.step
        return Submission(Outcome.DONE, submit.finish(context, step, step.provisional_numbers))

    patch.setattr(submit, "_doubt", believe)


def misreads_links(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """The transport reads predecessors wrongly."""

    def wrong(snapshot: ChainSnapshot) -> ChainSnapshot:
        links = [
            link.model_copy(
                update={"preceding": link.preceding.model_copy(update={"document": "0000999999"})}
            )
            for link in snapshot.links
        ]
        return replace(snapshot, links=(*snapshot.links, *links))

    _rereads(proven, patch, wrong)


def forgets_customer_items(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """The transport leaves the payments' lines out that are still open: a part is overlooked."""
    _rereads(
        proven,
        patch,
        lambda snapshot: replace(
            snapshot, items=tuple(item for item in snapshot.items if item.clearing_document)
        ),
    )


def never_pulls(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """What happens in the ERP without the connector goes unnoticed."""
    patch.setattr("connector.sync.passes.changed_flows", lambda *_: ((), "", ()))


def checks_no_fence(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """A worker that lost its lease commits all the same."""

    sound = submit._Observer.before_commit

    def go_on(self: Any) -> None:
        with suppress(LeaseLostError):
            sound(self)
        self.commit_may_have_left = True

    patch.setattr("connector.sync.submit._Observer.before_commit", go_on)


def takes_every_message_for_news(proven: ProvenCompany, patch: pytest.MonkeyPatch) -> None:
    """The same content counts as another version."""
    numbers = itertools.count()
    patch.setattr("connector.store.orders.text_hash", lambda text: f"{next(numbers):064}")


def _rereads(
    proven: ProvenCompany,
    patch: pytest.MonkeyPatch,
    wrong: Callable[[ChainSnapshot], ChainSnapshot],
) -> None:
    chains = type(proven.context.erp.chains)
    sound = chains.read
    patch.setattr(chains, "read", lambda self, numbers: wrong(sound(self, numbers)))


BREAKAGES = (
    Breakage(
        "what is due is forgotten",
        forgets_what_is_due,
        an_erp_that_was_gone,
        invariants.every_order_is_done_or_waits_visibly,
    ),
    Breakage(
        "an order is lost at intake",
        loses_an_order,
        an_order,
        invariants.every_order_is_done_or_waits_visibly,
    ),
    Breakage(
        "a lost answer is sent again",
        never_looks,
        a_lost_answer,
        invariants.one_document_per_reference_and_type,
    ),
    Breakage(
        "a number is taken for a document",
        believes_the_number,
        a_terminated_update,
        invariants.every_number_we_hold_exists,
    ),
    Breakage(
        "links are misread",
        misreads_links,
        an_order,
        invariants.no_link_without_predecessor_or_above_its_quantity,
    ),
    Breakage(
        "open items are overlooked",
        forgets_customer_items,
        lambda proven: proven.receive(replace(ORDER, paid=False)),
        invariants.quantities_and_amounts_add_up,
    ),
    Breakage(
        "changes in the ERP are not pulled",
        never_pulls,
        a_person_in_the_erp,
        invariants.the_mirror_equals_the_erp,
    ),
    Breakage(
        "the fence is not checked",
        checks_no_fence,
        an_overtaken_worker,
        invariants.fences_only_grow_and_steps_never_overlap,
    ),
    Breakage(
        "every message is taken for news",
        takes_every_message_for_news,
        an_order,
        invariants.replaying_everything_changes_nothing,
    ),
)
