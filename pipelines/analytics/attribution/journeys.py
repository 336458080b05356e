"""From a stream of events, person by person and in order, to distinct paths: memory grows with the paths, not with the events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.analytics.attribution.paths import Credit, Figures, Numbers, Paths

MOST_TOUCHES = 500  # of one path; a longer one is a machine's, or loses its beginning


@dataclass(frozen=True)
class Events:
    """R events sorted by person and time. A conversion has no player (-1) unless it says a channel of its own."""

    person: Numbers  # [R]
    at: Numbers  # [R] milliseconds, of any epoch
    player: Numbers  # [R] number of the player
    converts: npt.NDArray[np.bool_]  # [R]
    value: Figures  # [R]

    def __len__(self) -> int:
        return len(self.person)

    def cut(self, start: int, stop: int | None = None) -> Events:
        part = slice(start, stop)
        return Events(self.person[part], self.at[part], self.player[part], self.converts[part], self.value[part])

    def then(self, other: Events) -> Events:
        pairs = ((getattr(self, name), getattr(other, name)) for name in ("person", "at", "player", "converts", "value"))
        return Events(*(np.concatenate(pair) for pair in pairs))


class Journeys:
    """Feed it events in order, then ask for the paths.

    A conversion's path is the touchpoints of its person within the look-back before it, whether or not an earlier
    conversion had them too. What a person did after the last conversion, or without any, within the look-back before
    the person's last touchpoint, is a path that was lost. A conversion without a touchpoint is unassigned, unless it
    says a channel itself.
    """

    def __init__(self, players: Sequence[str], *, since: int, lookback: int, half_life: int) -> None:
        """since: only conversions from then on, and losses whose last touchpoint is, count. All in milliseconds."""
        self._players = tuple(players)
        self._since, self._lookback, self._half_life = since, lookback, float(half_life)
        self._numbers: dict[bytes, int] = {}
        self._figures: list[list[float]] = []  # by path: conversions, revenue, losses
        self._decayed = np.zeros((2, len(players)))
        self._unassigned = np.zeros(2)
        self._shortened = 0
        self._held: Events | None = None  # the last person's events: more may follow
        self._type = np.dtype(np.uint16 if len(players) < 2**16 else np.uint32)

    def feed(self, events: Events) -> None:
        """The next events. The last person's are held back until the next call or the end."""
        if not len(events):
            return
        events = self._held.then(events) if self._held is not None else events
        whole = int(np.searchsorted(events.person, events.person[-1]))
        self._held = events.cut(whole)
        self._walk(events.cut(0, whole))

    def add_alone(self, player: int, conversions: float, revenue: float) -> None:
        """Conversions without a touchpoint, or of nobody known: they are the player's that they name, or unassigned (-1)."""
        if player < 0:
            self._unassigned += (conversions, revenue)
            return
        self._count(np.array([player], dtype=self._type).tobytes(), 0, revenue, conversions)
        self._decayed[:, player] += (conversions, revenue)

    def paths(self) -> Paths:
        """All that was fed, as distinct paths."""
        if self._held is not None:
            self._walk(self._held)
            self._held = None
        walked = list(self._numbers)
        figures = np.array(self._figures, dtype=float).reshape(-1, 3)
        return Paths(
            players=self._players,
            steps=np.frombuffer(b"".join(walked), dtype=self._type).astype(np.int64),
            starts=np.cumsum([0, *(len(path) // self._type.itemsize for path in walked)], dtype=np.int64),
            conversions=figures[:, 0],
            revenue=figures[:, 1],
            losses=figures[:, 2],
            decayed=Credit(self._decayed[0], self._decayed[1]),
            unassigned=(float(self._unassigned[0]), float(self._unassigned[1])),
            shortened=self._shortened,
        )

    def _walk(self, events: Events) -> None:
        """Whole persons only."""
        if not len(events):
            return
        touches = np.flatnonzero(~events.converts)
        ends = np.flatnonzero(events.converts & (events.at >= self._since))
        self._conversions(events, touches, ends)
        self._losses(events, touches)

    def _conversions(self, events: Events, touches: Numbers, ends: Numbers) -> None:
        stop = np.searchsorted(touches, ends)
        start = self._start(events, touches, ends, stop)
        alone, value = start == stop, events.value[ends]
        for player, earned in zip(events.player[ends[alone]].tolist(), value[alone].tolist(), strict=True):
            self.add_alone(player, 1, earned)
        some = ~alone
        start, stop = self._cut(start[some], stop[some]), stop[some]
        self._keep(events, touches, start, stop, 0, value[some])
        self._decay(events, touches, start, stop, events.at[ends[some]], value[some])

    def _losses(self, events: Events, touches: Numbers) -> None:
        """The touchpoints of each person after the last conversion."""
        last = np.flatnonzero(np.append(np.diff(events.person[touches]) != 0, [True] if len(touches) else []))
        bought = np.flatnonzero(events.converts)
        later = np.searchsorted(bought, touches[last])  # conversions before the person's last touchpoint
        before = np.where(later > 0, bought[np.maximum(later - 1, 0)] if len(bought) else 0, -1)
        after = np.searchsorted(bought, self._person_end(events, touches[last]))
        is_lost = (after == later) & (events.at[touches[last]] >= self._since)
        start = np.maximum(self._start(events, touches, touches[last], last + 1), np.searchsorted(touches, before, side="right"))
        stop = (last + 1)[is_lost]
        self._keep(events, touches, self._cut(start[is_lost], stop), stop, 2, None)

    @staticmethod
    def _person_end(events: Events, rows: Numbers) -> Numbers:
        return np.asarray(np.searchsorted(events.person, events.person[rows], side="right"))

    def _start(self, events: Events, touches: Numbers, rows: Numbers, stop: Numbers) -> Numbers:
        """The first touchpoint of each row's person that is not older than the look-back, as an index into `touches`."""
        rank = np.cumsum(np.append(0, np.diff(events.person) != 0)).astype(np.int64)
        clock = events.at - events.at.min() + self._lookback
        axis = rank * (int(clock.max()) + 1) + clock  # persons one after another, too far apart to be seen by the look-back
        return np.asarray(np.minimum(np.searchsorted(axis[touches], axis[rows] - self._lookback), stop))

    def _cut(self, start: Numbers, stop: Numbers) -> Numbers:
        self._shortened += int((stop - start > MOST_TOUCHES).sum())
        return np.asarray(np.maximum(start, stop - MOST_TOUCHES))

    def _keep(self, events: Events, touches: Numbers, start: Numbers, stop: Numbers, column: int, value: Figures | None) -> None:
        size = self._type.itemsize
        walked = events.player[touches].astype(self._type).tobytes()
        earned = value.tolist() if value is not None else [0.0] * len(start)
        for one, other, revenue in zip((start * size).tolist(), (stop * size).tolist(), earned, strict=True):
            self._count(walked[one:other], column, revenue)

    def _count(self, path: bytes, column: int, revenue: float, times: float = 1.0) -> None:
        number = self._numbers.setdefault(path, len(self._figures))
        if number == len(self._figures):
            self._figures.append([0.0, 0.0, 0.0])
        self._figures[number][column] += times
        self._figures[number][1] += revenue

    def _decay(self, events: Events, touches: Numbers, start: Numbers, stop: Numbers, at: Numbers, value: Figures) -> None:
        lengths = stop - start
        if not len(lengths):
            return
        owner = np.repeat(np.arange(len(lengths)), lengths)
        offset = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        steps = touches[start[owner] + offset]
        age = (at[owner] - events.at[steps]) / self._half_life
        youngest = np.minimum.reduceat(age, np.cumsum(lengths) - lengths)  # counted from there, so that no weight vanishes
        weight = np.exp2(youngest[owner] - age)
        weight /= np.add.reduceat(weight, np.cumsum(lengths) - lengths)[owner]
        count = len(self._players)
        self._decayed[0] += np.bincount(events.player[steps], weight, minlength=count)
        self._decayed[1] += np.bincount(events.player[steps], weight * value[owner], minlength=count)
