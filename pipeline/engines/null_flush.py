"""Keep a chain of programs running that answer one NUL-ended frame with one NUL-ended frame.

Takes   the programs' argument lists, as head and tail; the frames of a load, as bytes without NUL
Gives   for each frame what came out of the head (the cut) and what came out of the tail (the end)
Always  replies are counted, never guessed from an end of file; a program that dies or hangs ends the whole chain and
        raises ChainBroken with its name

A chain is cut into parts behind each program that remembers what it has read. Between the parts the frames pass
through us, so we see when such a program has had the last frame of a load: it is ended and started anew on the same
pipes in a few milliseconds, while the parts behind it still work, and the next load may enter. So callers share a
chain as articles share one long text, and no program waits. A thread feeds and reads all parts with one selector, so
no pipe fills up while another waits; it ends with the last load, so that none can be left behind.
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from pipeline.errors import EngineError

POLL_S = 0.05
"""How long a silent chain waits before it looks whether a program has died."""
_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT)
PIPE_BYTES = 1 << 16
"""What a pipe holds on Linux: no use in offering or asking more at once."""


class ChainBroken(EngineError):
    """A program of the chain died, or no reply came in time; the chain is closed."""

    def __init__(self, message: str, *, by_others: bool = False) -> None:
        """`by_others`: somebody ended a program, or the system did for want of memory; no text is to blame."""
        super().__init__(message)
        self.by_others = by_others


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for one reply: `base_s`, as a chain may have to load first, and what its length adds."""

    base_s: float = 20.0
    bytes_per_s: float = 2000.0
    """An eighth of what one slow core does: a frame of 64 kB may take half a minute longer."""

    def seconds_for(self, frame: bytes) -> float:
        """From the reply before to the reply to this frame."""
        return self.base_s + len(frame) / self.bytes_per_s


@dataclass(frozen=True, slots=True)
class Reply:
    """What one frame became."""

    cut: bytes
    """Out of the head."""
    end: bytes
    """Out of the tail."""


Hand = Callable[[int, Reply], None]
"""Takes the number of a frame and its reply, in the chain's thread, while the programs work on the next."""


@dataclass(slots=True, eq=False)
class _Load:
    """The frames of one caller on their way through a chain."""

    frames: Sequence[bytes]
    hand: Hand
    forget: bool
    cuts: list[bytes] = field(default_factory=list)
    answered: int = 0
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def answer(self, end: bytes) -> None:
        """Hand over the next reply. What the caller's own code raises is the caller's alone: the chain goes on."""
        number, self.answered = self.answered, self.answered + 1
        if self.error is None:
            try:
                self.hand(number, Reply(self.cuts[number], end))
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                self.error = error
        if self.answered == len(self.frames):
            self.done.set()


@dataclass(slots=True, eq=False)
class _Passing:
    """A load at one part: what is to go in, and how many of its frames came and went."""

    load: _Load
    waiting: bytearray = field(default_factory=bytearray)
    came: int = 0
    went: int = 0

    def take(self, frame: bytes) -> None:
        self.waiting += frame + b"\0"
        self.came += 1


class _Part:
    """Programs linked by pipes: pipe i leads into program i, the last pipe leads back to us."""

    def __init__(
        self, stages: Sequence[Sequence[str]], environment: Mapping[str, str], stateless: frozenset[str]
    ) -> None:
        self.stages, self._environment = stages, environment
        self._stateful = [place for place, stage in enumerate(stages) if Path(stage[0]).name not in stateless]
        self._pipes = [os.pipe() for _ in range(len(stages) + 1)]
        self.write_end, self.read_end = self._pipes[0][1], self._pipes[-1][0]
        os.set_blocking(self.write_end, False)
        os.set_blocking(self.read_end, False)
        self.passing = deque[_Passing]()
        self._read = bytearray()
        self.programs: list[subprocess.Popen[bytes]] = []
        try:
            for place in range(len(stages)):
                self.programs.append(self._start(place))
        except EngineError:
            self.close()
            raise

    def _start(self, place: int) -> subprocess.Popen[bytes]:
        try:
            program = subprocess.Popen(
                self.stages[place],
                stdin=self._pipes[place][0],
                stdout=self._pipes[place + 1][1],
                stderr=subprocess.DEVNULL,
                env=self._environment,
            )
        except OSError as error:
            raise EngineError(f"cannot start {self.stages[place][0]}: {error.strerror}") from error
        with suppress(OSError):  # a program that gets a frame must not push aside the one that is making the next
            os.sched_setscheduler(program.pid, os.SCHED_BATCH, os.sched_param(0))
        return program

    def _renew(self) -> None:
        """While all lie idle: end each program that remembers and start it again on the same pipes."""
        for place in self._stateful:
            self.programs[place].kill()
            self.programs[place].wait()
            self.programs[place] = self._start(place)

    def write(self) -> bool:
        """Let in what may come in and finds room; whether something is left that may."""
        for one in self.passing:
            with suppress(BlockingIOError):
                while one.waiting:
                    del one.waiting[: os.write(self.write_end, one.waiting[:PIPE_BYTES])]
            if one.waiting:
                return True
            if one.came < len(one.load.frames) or self._stateful:
                return False  # the next load comes behind it, or when what remembers it is gone
        return False

    def read(self) -> Iterator[tuple[_Load, bytes]]:
        """The frames that came out, each with its load. Raises ChainBroken if one came out too many."""
        for frame in _whole_frames(self._read, os.read(self.read_end, PIPE_BYTES)):
            if not self.passing or self.passing[0].went == self.passing[0].came:
                raise ChainBroken("more frames came back than were sent")
            one = self.passing[0]
            one.went += 1
            if one.went == len(one.load.frames):
                self.passing.popleft()
                if one.load.forget:
                    self._renew()
            yield one.load, frame

    def dead(self) -> str:
        """The first program that has ended, in words; "" if all run."""
        for program, stage in zip(self.programs, self.stages, strict=True):
            if (code := program.poll()) is not None:
                how = _signal(-code) if code < 0 else f"exit code {code}"
                return f"{Path(stage[0]).name} died ({how})"
        return ""

    def killed(self) -> bool:
        """Whether a program was ended from outside."""
        return any(program.poll() in _FROM_OUTSIDE for program in self.programs)

    def close(self) -> None:
        for program in self.programs:
            program.kill()
        for program in self.programs:
            program.wait()
        for pipe in self._pipes:
            os.close(pipe[0])
            os.close(pipe[1])


def _signal(number: int) -> str:
    """`SIGKILL`; the real-time ones have numbers only."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _cut_behind_what_remembers(
    stages: Sequence[Sequence[str]], stateless: frozenset[str]
) -> Iterator[Sequence[Sequence[str]]]:
    """The stages in parts, each but the last ending with a program that is not stateless."""
    remembers = [Path(stage[0]).name not in stateless for stage in stages]
    ends = [at + 1 for at, (here, behind) in enumerate(pairwise((*remembers, False))) if here and not behind]
    for start, end in pairwise(sorted({0, *ends, len(stages)})):
        yield stages[start:end]


class Chain:
    """One running chain. Callers in several threads share it; each gets what it would get alone."""

    def __init__(
        self,
        head: Sequence[Sequence[str]],
        tail: Sequence[Sequence[str]],
        patience: Patience,
        stateless: frozenset[str] = frozenset(),
    ) -> None:
        """`stateless` names the programs whose reply to a frame depends on that frame alone."""
        self._patience = patience
        self._lock = threading.Lock()
        self._closed, self._loads = False, 0
        self._waiting = deque[_Load]()
        self._pump: threading.Thread | None = None
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}  # the programs ask the locale what a letter is
        self._parts: list[_Part] = []
        try:
            for stages in (*_cut_behind_what_remembers(head, stateless), tail):
                self._parts.append(_Part(stages, environment, stateless))
        except EngineError:
            for part in self._parts:
                part.close()
            raise
        self._bell = os.pipe()
        for end in self._bell:
            os.set_blocking(end, False)

    @property
    def process_ids(self) -> dict[int, str]:
        """The running programs, in order."""
        return {
            program.pid: Path(stage[0]).name
            for part in self._parts
            for program, stage in zip(part.programs, part.stages, strict=True)
        }

    @property
    def loads(self) -> int:
        """How many callers share it now."""
        return self._loads

    @property
    def closed(self) -> bool:
        """Whether it has ended, by `close` or by itself."""
        return self._closed

    def close(self) -> None:
        """End all programs; who waits for replies gets ChainBroken. May be called twice."""
        with self._lock:
            pump, self._closed = self._pump, True
            if pump:
                self._ring()
        if pump:
            pump.join()
        else:
            self._end()

    def feed(self, frames: Sequence[bytes], hand: Hand = lambda number, reply: None, *, forget: bool = False) -> None:
        """Send all frames through, many in flight at once, and hand over each reply as soon as it is there.

        With `forget` no program remembers any of these frames afterwards. Raises ChainBroken, or EngineError if a
        program does not start again, and then the chain is closed; and whatever `hand` raises.
        """
        if not frames:
            return
        load = _Load(frames, hand, forget)
        with self._lock:
            if self._closed:
                raise ChainBroken("the chain was closed")
            self._waiting.append(load)
            self._loads += 1
            if self._pump:
                self._ring()
            else:
                self._pump = threading.Thread(target=self._run, name="apertium", daemon=True)
                self._pump.start()
        try:
            load.done.wait()
        except BaseException:  # the user interrupts: who is half through must never be waited for
            self.close()
            raise
        finally:
            with self._lock:
                self._loads -= 1
        if load.error:
            raise load.error

    def _ring(self) -> None:
        """Under the lock and while the thread runs: behind it the bell is closed, and its number another file's."""
        with suppress(BlockingIOError):
            os.write(self._bell[1], b".")

    def _end(self) -> None:
        """Once: nobody uses the chain any more."""
        with self._lock:
            parts, self._parts = self._parts, []
        for part in parts:
            part.close()
        for end in self._bell if parts else ():
            os.close(end)

    def _run(self) -> None:
        """The thread: until all loads are answered, or the chain breaks."""
        flow = _Flow(self._parts, self._patience, self._bell[0])
        try:
            with selectors.DefaultSelector() as selector:
                for descriptor in (self._bell[0], *(part.read_end for part in self._parts)):
                    selector.register(descriptor, selectors.EVENT_READ)
                while self._goes_on(flow):
                    flow.step(selector)
        except BaseException as error:  # noqa: BLE001 - every caller hears of it
            with self._lock:
                self._closed, self._pump = True, None
                loads = (*flow.loads, *self._waiting)
            self._end()
            for load in loads:
                load.error = load.error or error
                load.done.set()

    def _goes_on(self, flow: "_Flow") -> bool:
        """Let in the loads that came; False, and the thread is no more, if there are none."""
        with self._lock:
            if self._closed:
                raise ChainBroken("the chain was closed")
            while self._waiting:
                flow.begin(self._waiting.popleft())
            if not flow.loads:
                self._pump = None
            return bool(flow.loads)


class _Flow:
    """The bytes on their way through a chain."""

    def __init__(self, parts: Sequence[_Part], patience: Patience, bell: int) -> None:
        self._parts, self._patience, self._bell = parts, patience, bell
        self._reads = {part.read_end: place for place, part in enumerate(parts)}
        self._full = set[int]()
        self._since = time.monotonic()
        self.loads = deque[_Load]()

    def begin(self, load: _Load) -> None:
        """Let a load wait before the first part."""
        if not self.loads:
            self._since = time.monotonic()
        self.loads.append(load)
        for part in self._parts:
            part.passing.append(_Passing(load))
        for frame in load.frames:
            self._parts[0].passing[-1].take(frame)

    def step(self, selector: selectors.BaseSelector) -> None:
        """Write and read once what is ready. Raises ChainBroken."""
        for part in self._parts:
            self._watch(selector, part.write_end, full=part.write())
        ready = selector.select(POLL_S)
        for key, _ in ready:
            if (place := self._reads.get(key.fd)) is not None:
                self._read(place)
            elif key.fd == self._bell:
                os.read(self._bell, PIPE_BYTES)
        if not ready and (dead := next(filter(None, (part.dead() for part in self._parts)), "")):
            raise ChainBroken(dead, by_others=any(part.killed() for part in self._parts))
        if self.loads:
            frame = self.loads[0].frames[self.loads[0].answered]
            if time.monotonic() - self._since > (allowed := self._patience.seconds_for(frame)):
                raise ChainBroken(f"no answer within {allowed:.0f} s")

    def _watch(self, selector: selectors.BaseSelector, write_end: int, *, full: bool) -> None:
        """Ask whether a pipe can be written only while there is something to write: else the loop would spin."""
        if full and write_end not in self._full:
            self._full.add(write_end)
            selector.register(write_end, selectors.EVENT_WRITE)
        elif not full and write_end in self._full:
            self._full.discard(write_end)
            selector.unregister(write_end)

    def _read(self, place: int) -> None:
        """What came out of a part goes into the next; out of the last one it is a reply."""
        part, last = self._parts[place], len(self._parts) - 1
        for load, frame in part.read():
            if place == last - 1:
                load.cuts.append(frame)
            if place < last:
                into = next(one for one in self._parts[place + 1].passing if one.load is load)
                into.take(frame)
                continue
            load.answer(frame)
            self._since = time.monotonic()
            if load.answered == len(load.frames):
                self.loads.popleft()


def _whole_frames(buffer: bytearray, data: bytes) -> list[bytes]:
    """The frames that `data` completes; the rest stays in `buffer`."""
    buffer += data
    *whole, rest = bytes(buffer).split(b"\0")
    buffer[:] = rest
    return whole
