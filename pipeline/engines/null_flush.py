"""Keep a chain of programs running that answer one NUL-ended frame with one NUL-ended frame.

Takes   the programs' argument lists, as head and tail; frames as bytes without NUL
Gives   for each frame what came out of the head (the cut) and what came out of the tail (the end)
Always  replies are counted, never guessed from an end of file; a program that dies or hangs ends the whole chain and
        raises ChainBroken with its name

One selector loop feeds and reads both halves, so no pipe fills up while the other side waits, and no thread can be
left behind. We keep both ends of every pipe open: so a single program that remembers what it has read can be ended
and started anew in the middle of the chain in a few milliseconds, instead of the 60 to 200 that a whole chain takes to
load its dictionaries; and that happens while the tail still works on the last frames.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
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
"""Takes the number of a frame and its reply, while the programs work on the next."""


class _Half:
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

    def renew(self) -> None:
        """While all lie idle: end each program that remembers and start it again on the same pipes."""
        for place in self._stateful:
            self.programs[place].kill()
            self.programs[place].wait()
            self.programs[place] = self._start(place)

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


class Chain:
    """One running chain, for one caller at a time."""

    def __init__(
        self,
        head: Sequence[Sequence[str]],
        tail: Sequence[Sequence[str]],
        patience: Patience,
        stateless: frozenset[str] = frozenset(),
    ) -> None:
        """`stateless` names the programs whose reply to a frame depends on that frame alone."""
        self._patience = patience
        self._closed = False
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}  # the programs ask the locale what a letter is
        self._head = _Half(head, environment, stateless)
        try:
            self._tail = _Half(tail, environment, stateless)
        except EngineError:
            self._head.close()
            raise

    @property
    def process_ids(self) -> dict[int, str]:
        """The running programs, in order."""
        return {
            program.pid: Path(stage[0]).name
            for half in (self._head, self._tail)
            for program, stage in zip(half.programs, half.stages, strict=True)
        }

    def close(self) -> None:
        """End all programs; may be called twice."""
        if not self._closed:
            self._closed = True
            self._head.close()
            self._tail.close()

    def feed(self, frames: Sequence[bytes], hand: Hand = lambda number, reply: None, *, forget: bool = False) -> None:
        """Send all frames through, many in flight at once, and hand over each reply as soon as it is there.

        With `forget` no program remembers any of these frames afterwards. Raises ChainBroken, or EngineError if a
        program does not start again, and then the chain is closed.
        """
        try:
            _Flow(self._head, self._tail, self._patience, frames, forget).run(hand)
        except BaseException:  # also when the user interrupts: a half-read chain must never be used again
            self.close()
            raise


class _Flow:
    """The bytes on their way through a chain during one `feed`."""

    def __init__(self, head: _Half, tail: _Half, patience: Patience, frames: Sequence[bytes], forget: bool) -> None:
        self._head, self._tail, self._patience, self._frames = head, tail, patience, frames
        self._forget = forget
        self._to_head = memoryview(b"".join(frame + b"\0" for frame in frames))
        self._to_tail, self._from_head, self._from_tail = bytearray(), bytearray(), bytearray()
        self._cuts: list[bytes] = []
        self._ends: list[bytes] = []

    def run(self, hand: Hand) -> None:
        """Pump until each frame has its reply."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._head.read_end, selectors.EVENT_READ)
            selector.register(self._tail.read_end, selectors.EVENT_READ)
            answered, since, forget = 0, time.monotonic(), self._forget
            while answered < len(self._frames):
                self._ask_for_what_is_needed(selector)
                ready = selector.select(POLL_S)
                for key, _ in ready:
                    self._move(key.fd)
                if forget and len(self._cuts) == len(self._frames):  # the head lies idle before the tail does
                    forget = False
                    self._head.renew()
                if len(self._ends) > answered:
                    for number in range(answered, min(len(self._ends), len(self._cuts), len(self._frames))):
                        hand(number, Reply(self._cuts[number], self._ends[number]))
                    answered, since = len(self._ends), time.monotonic()
                elif not ready and (dead := self._head.dead() or self._tail.dead()):
                    raise ChainBroken(dead, by_others=self._head.killed() or self._tail.killed())
                elif time.monotonic() - since > (allowed := self._patience.seconds_for(self._frames[answered])):
                    raise ChainBroken(f"no answer within {allowed:.0f} s")
        if not len(self._cuts) == len(self._ends) == len(self._frames):
            raise ChainBroken(f"{len(self._frames)} texts were sent and {len(self._ends)} came back")
        if self._forget:
            self._tail.renew()

    def _ask_for_what_is_needed(self, selector: selectors.BaseSelector) -> None:
        """Ask whether a pipe can be written only while there is something to write: else the loop would spin."""
        for descriptor, waiting in ((self._head.write_end, self._to_head), (self._tail.write_end, self._to_tail)):
            registered = descriptor in selector.get_map()
            if waiting and not registered:
                selector.register(descriptor, selectors.EVENT_WRITE)
            elif registered and not waiting:
                selector.unregister(descriptor)

    def _move(self, descriptor: int) -> None:
        """Read or write what one ready pipe has or takes."""
        if descriptor == self._head.write_end:
            self._to_head = self._to_head[os.write(descriptor, self._to_head[:PIPE_BYTES]) :]
        elif descriptor == self._tail.write_end:
            self._pass_on()
        elif descriptor == self._head.read_end:
            for frame in _whole_frames(self._from_head, os.read(descriptor, PIPE_BYTES)):
                self._cuts.append(frame)
                self._to_tail += frame + b"\0"
            self._pass_on()
        else:
            self._ends += _whole_frames(self._from_tail, os.read(descriptor, PIPE_BYTES))

    def _pass_on(self) -> None:
        """Write to the tail what it takes now; mostly it takes all, and the selector need not be asked."""
        with suppress(BlockingIOError):
            while self._to_tail:
                del self._to_tail[: os.write(self._tail.write_end, self._to_tail[:PIPE_BYTES])]


def _whole_frames(buffer: bytearray, data: bytes) -> list[bytes]:
    """The frames that `data` completes; the rest stays in `buffer`."""
    buffer += data
    *whole, rest = bytes(buffer).split(b"\0")
    buffer[:] = rest
    return whole
