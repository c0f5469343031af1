"""
Faults by name: what goes wrong, on which operation, how often.

Connection faults belong to the faces; these are the ones that happen inside the ERP.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.simulator.engine.clock_faults import AHEAD, AUTUMN, BEHIND, SPRING, ErpClock

#: fault -> what it does.
FAULTS = {
    "return E": "the operation answers with a message of type E and buffers nothing",
    "return A": "the operation answers with a message of type A and buffers nothing",
    "short dump": "the operation raises ShortDumpError; the unit of work is rolled back",
    "deadlock": "the operation dies of a database deadlock (ShortDumpError); all is rolled back",
    "warning": "the operation succeeds, with a message of type W beside its success",
    "duplicate purchase order": "the document is created, with a notice that its reference exists",
    "document locked": "the operation finds its document locked by another user (named with `by`)",
    "credit block": "the sales document is blocked by the credit check (status B)",
    "account determination": "billing finds no account: the billing document stays unposted",
    "update terminated after commit": "the commit's update fails; its numbers are lost",
    "commit delayed until released": "the update waits until `release_updates` is called",
    "disk full": "the commit's update cannot be written (ShortDumpError); its numbers are lost",
}

#: What is wrong with the ERP's clock (`clock_faults`); on no operation, from now on.
CLOCK_FAULTS = {
    AHEAD: "the ERP's clock is ahead by an hour, or by `seconds`, until the faults are cleared",
    BEHIND: "the ERP's clock is behind by an hour, or by `seconds`, until the faults are cleared",
    SPRING: "the ERP's clock moves on to half an hour before clocks go forward",
    AUTUMN: "the ERP's clock moves on to half an hour before clocks go back",
}

#: operations that consult the registry; `*` matches each.
OPERATIONS = (
    "create sales document",
    "change sales document",
    "create deliveries",
    "confirm delivery",
    "change delivery",
    "reverse goods issue",
    "create purchase orders",
    "create billing documents",
    "cancel billing document",
    "post accounting document",
    "post incoming payment",
    "clear items",
    "reverse accounting",
    "commit",
    "*",
)


class ShortDumpError(Exception):
    """The ABAP program ended with a runtime error; `key` is its name. The LUW is gone."""

    def __init__(self, key: str, text: str) -> None:
        self.key, self.text = key, text
        super().__init__(f"{key}: {text}")


@dataclass(slots=True)
class _Injected:
    name: str
    on: str
    times: int
    by: str = "SIMULATED"
    skip: int = 0


class FaultRegistry:
    """Faults waiting to happen. Not locked by itself: the ERP's lock covers it."""

    def __init__(self, clock: ErpClock) -> None:
        self._clock = clock
        self._waiting: list[_Injected] = []

    def inject(
        self,
        name: str,
        on: str = "*",
        times: int = 1,
        by: str = "SIMULATED",
        seconds: float | None = None,
        *,
        skip: int = 0,
    ) -> None:
        """
        Let *name* happen on *times* calls of operation *on*, after *skip* that pass.

        *by* is the user who holds a locked document; *seconds* is for faults of the clock, which
        begin at once and have nothing else. ValueError: unknown name or operation.
        """
        if name in CLOCK_FAULTS:
            self._clock.strike(name, seconds)
            return
        if name not in FAULTS:
            known = ", ".join((*FAULTS, *CLOCK_FAULTS))
            raise ValueError(f"unknown fault {name!r}; known are: {known}")
        if on not in OPERATIONS:
            raise ValueError(f"unknown operation {on!r}; known are: {', '.join(OPERATIONS)}")
        if times < 1 or skip < 0:
            raise ValueError("times must be at least 1 and skip at least 0")
        self._waiting.append(_Injected(name, on, times, by, skip))

    def take(self, name: str, on: str) -> bool:
        """Return whether *name* happens now on *on*, and use one up."""
        return self.taken_by(name, on) is not None

    def taken_by(self, name: str, on: str) -> str | None:
        """As `take`, but return the user of the fault, None when it does not happen."""
        for waiting in self._waiting:
            if waiting.name == name and waiting.on in (on, "*"):
                if waiting.skip:
                    waiting.skip -= 1
                    continue
                waiting.times -= 1
                if waiting.times == 0:
                    self._waiting.remove(waiting)
                return waiting.by
        return None

    def waiting(self) -> tuple[tuple[str, str, int], ...]:
        """Return (name, operation, times left) of every fault not yet used up."""
        calls = tuple((each.name, each.on, each.times) for each in self._waiting)
        return calls + tuple((name, "*", 1) for name in self._clock.waiting())

    def clear(self) -> None:
        """Forget all faults; the clock is right again."""
        self._waiting.clear()
        self._clock.clear()
