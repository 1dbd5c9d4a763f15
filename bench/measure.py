"""One row of the table. All servers run at once and are loaded in turn, one short window each, round after round.

A shared machine's speed drifts by a third within seconds. Windows that lie side by side see the same machine, so the
ratio of two servers is taken round by round and the median kept; the others idle meanwhile, which costs them next to
nothing.
"""

import contextlib
from collections.abc import Callable, Iterable
from functools import partial

from bench.driver import Driver, Phase, PhaseError, driving
from bench.plan import IN_FLIGHT_HANDSHAKES, IN_FLIGHT_MESSAGES, Row
from bench.progress import Steps
from bench.results import RowResult, Samples
from bench.servers import Running, ServerError, Spec, running

PHASE_LIMIT = 30.0  # seconds, for whatever has no limit of its own
WARM_UP = 100  # connections that come, talk and go before anything is measured
REST = 1.5  # seconds of idling before memory is read
TIDY = 4.0  # and after everybody has left: a server may tidy up then


class Subject:
    """A server with its driver in one row, and what was measured of it so far."""

    def __init__(self, spec: Spec, row: Row) -> None:
        self.spec, self.row, self.samples = spec, row, Samples()
        self.present = True  # still takes part; a peer that failed a phase for good does not
        self.keeps_rate = True
        self._open = contextlib.ExitStack()
        self._server: Running
        self._driver: Driver

    def start(self, *, quiet: bool) -> None:
        """Starts server and driver and warms both up. Raises ServerError or PhaseError."""
        self.samples.quiet = quiet
        self._server = self._open.enter_context(running(self.spec, quiet=quiet))
        self._driver = self._open.enter_context(driving(self._server))
        self._arrive(WARM_UP)
        self._ask(f"pair {PHASE_LIMIT}")
        self._ask("relay 1 1 0.2")
        self._ask(f"leave {PHASE_LIMIT}")
        self._ask(f"idle {REST / 3}")
        self.samples.memory.before = self._server.memory()

    def stop(self) -> None:
        """Ends driver and server."""
        self._open.close()

    def fill(self, limits_seen: set[str]) -> None:
        """Everybody arrives. A peer that takes too long is filled without its broadcasts, and the table says so."""
        if self.spec.quiet is not None and self.row.saturate and not self.samples.quiet:
            try:
                self.samples.arrivals.append(self._arrive(self.row.connections))
            except PhaseError as stalled:
                limits_seen.add(self.spec.name)
                reached = stalled.phase.count if stalled.phase else 0
                limit = f"{self.row.arrival_limit:.0f} s"
                self.samples.notes.append(f"arrivals: {reached:,} of {self.row.connections:,} within {limit}")
                self._refill_quietly()
        else:
            phase = self._arrive(self.row.connections)
            if not self.samples.quiet and self.row.arrivals:
                self.samples.arrivals.append(phase)
        self._ask(f"idle {REST}")
        self.samples.memory.full = self._server.memory()
        self.samples.memory.connections = self.row.connections

    def pair(self) -> None:
        """Everybody finds somebody."""
        self.samples.pairings.append(self._ask(f"pair {PHASE_LIMIT}"))

    def relay(self, number: int) -> None:
        """One window of the closed loop."""
        warm = self.row.first_warm if number == 0 else self.row.warm
        self.samples.relays.append(self._ask(f"relay {IN_FLIGHT_MESSAGES} {warm} {self.row.window}"))

    def rate(self) -> None:
        """One window at the row's fixed rate. A server that falls behind by a second is noted and not asked again."""
        if not self.keeps_rate:
            return
        try:
            self.samples.rates.append(self._ask(f"rate {self.row.rate} 0.5 {self.row.rate_window}"))
        except PhaseError:
            self.samples.notes.append(f"does not keep up with {self.row.rate:,} relays a second")
            self.samples.rates.clear()
            self.keeps_rate = False

    def come_again(self) -> None:
        """All leave and arrive once more, and find somebody again, where an arrival does not take too long."""
        if self.samples.arrivals and self.samples.arrivals[0].wall < self.row.repeat_below:
            self._ask(f"leave {PHASE_LIMIT}")
            self.samples.arrivals.append(self._arrive(self.row.connections))
            self.pair()

    def leave(self) -> None:
        """All leave; memory is read. The second call lets them arrive again before."""
        if self.samples.memory.after_leaving:
            self._arrive(self.row.connections)
        self._ask(f"leave {PHASE_LIMIT}")
        self._ask(f"idle {TIDY}")
        self.samples.memory.after_leaving.append(self._server.memory())

    def _arrive(self, count: int) -> Phase:
        presence = int(self.spec.name != "floor" and not self.samples.quiet)  # then each must be told the right number
        limit = self.row.arrival_limit
        return self._ask(f"arrive {count} {IN_FLIGHT_HANDSHAKES} {presence} {limit}", limit)

    def _refill_quietly(self) -> None:
        self.stop()
        self.start(quiet=True)
        self._arrive(self.row.connections)

    def _ask(self, command: str, limit: float = PHASE_LIMIT) -> Phase:
        return self._driver.ask(command, limit)


def steps_of(row: Row, servers: int) -> int:
    """How many steps `measure` will announce."""
    relays = row.rounds if row.saturate else 0
    return servers * (3 + relays + row.rate_rounds + max(0, row.arrivals - 1) + 2 * row.memory_twice)


def measure(row: Row, chosen: Iterable[Spec], steps: Steps, budget: float, limits_seen: set[str]) -> RowResult:
    """Measures one row. `limits_seen` carries from row to row which peers took too long with their broadcasts on."""
    subjects = [Subject(spec, row) for spec in chosen]

    def each(what: str, work: Callable[[Subject], None]) -> None:
        for subject in subjects:
            steps.step(f"{row.title}: {subject.spec.title}: {what}")
            if subject.present:
                attempt(subject, what, work, steps, budget)

    try:
        each("start", lambda one: one.start(quiet=one.spec.quiet is not None and starts_quietly(one, limits_seen)))
        each("arrivals", lambda one: one.fill(limits_seen))
        each("pairing", Subject.pair)
        for number in range(row.rounds if row.saturate else 0):
            each(f"relays, round {number + 1}", partial(Subject.relay, number=number))
        for number in range(max(0, row.arrivals - 1)):
            each(f"arrivals, round {number + 2}", Subject.come_again)
        for number in range(row.rate_rounds):
            each(f"{row.rate:,} relays a second, round {number + 1}", Subject.rate)
        for number in range(2 * row.memory_twice):
            each(f"everybody leaves, {'once' if number == 0 else 'twice'}", Subject.leave)
    finally:
        for subject in subjects:
            subject.stop()
    return RowResult(row, {subject.spec.name: subject.samples for subject in subjects})


def starts_quietly(subject: Subject, limits_seen: set[str]) -> bool:
    """Whether to do without broadcasts: they are not this row's subject, or were too much for a smaller one."""
    if subject.row.saturate and subject.spec.name in limits_seen:
        subject.samples.notes.append("arrivals: not tried, the limit passed in a smaller row")
    return not subject.row.saturate or subject.spec.name in limits_seen


def attempt(subject: Subject, what: str, work: Callable[[Subject], None], steps: Steps, budget: float) -> None:
    """Does one piece of work. Whatever goes wrong becomes a note in the table, and the others go on."""
    if steps.elapsed > budget:
        subject.samples.notes.append(f"{what}: not run, the time budget was used up")
        return
    try:
        work(subject)
    except (PhaseError, ServerError) as failure:
        subject.samples.notes.append(f"{what}: {failure}")
        subject.present = False
        steps.say(f"{subject.spec.title}: {what}: {failure}")
