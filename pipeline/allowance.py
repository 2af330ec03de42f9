"""What engines may spend: characters and requests, and what that costs.

Takes   what `signoff.toml` says below `[engine.<name>]`: budget, price, pace; --budget
Gives   a Budget that grants characters before they are sent; an Estimate of time and cost before a run
Always  never more is granted than is allowed, whatever number of threads ask
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.engines import Limits

CHARACTERS_A_SECOND = 30_000.0
"""What an engine without limits drafts on one processor, roughly: Apertium does."""
ARTICLE_S = 0.04
"""What each article takes besides: Apertium forgets between two, and a PO file is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What `signoff.toml` allows one engine."""

    budget: int | None = None
    """Characters in one run."""
    price_per_million_characters: float | None = None
    """In the workspace's own currency; None if nobody said."""
    requests_per_minute: float | None = None
    in_flight: int | None = None
    """Requests at once; None: what the engine says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What drafting would take."""

    seconds: float
    cost: float | None
    """None if no price is set."""


class Budget:
    """Characters that may still be sent. Thread-safe."""

    def __init__(self, characters: int | None) -> None:
        """None: without end."""
        self.characters = characters
        self._left = characters
        self._lock = threading.Lock()

    def take(self, lengths: Sequence[int]) -> int:
        """How many of these texts, from the first on, may be sent; their characters are taken."""
        with self._lock:
            if self._left is None:
                return len(lengths)
            granted = 0
            for length in lengths:
                if length > self._left:
                    break
                self._left -= length
                granted += 1
            return granted

    def give_back(self, characters: int) -> None:
        """They were sent, and surely not translated."""
        with self._lock:
            if self._left is not None:
                self._left += characters


def estimate(
    texts: int, characters: int, limits: Limits | None, allowance: Allowance, *, articles: int = 0
) -> Estimate:
    """How long drafting so many texts takes, and what it costs: to plan with, not to promise.

    `limits` None is an engine on this machine that takes all at once.
    """
    price = allowance.price_per_million_characters
    cost = None if price is None else characters * price / 1_000_000
    if limits is None:
        return Estimate(seconds=characters / CHARACTERS_A_SECOND + articles * ARTICLE_S, cost=cost)
    calls = max(-(-texts // limits.batch_texts), -(-characters // limits.batch_characters))
    seconds = calls * limits.call_s / (allowance.in_flight or limits.in_flight)
    if allowance.requests_per_minute:
        seconds = max(seconds, (calls - 1) * 60 / allowance.requests_per_minute)
    return Estimate(seconds=seconds, cost=cost)


def cost(characters: Mapping[str, int], allowances: Mapping[str, Allowance]) -> float | None:
    """What characters sent, by engine, cost; None if no price is set for any of them."""
    prices = {name: a.price_per_million_characters for name, a in allowances.items()}
    priced = [sent * price / 1_000_000 for name, sent in characters.items() if (price := prices.get(name)) is not None]
    return sum(priced) if priced else None
