"""The store: SQLite in `.signoff/`, and the ledger of events that it can be rebuilt from."""

from pipeline.store.exports import origin_from, origin_json
from pipeline.store.store import Store, sqlite_module, wall_clock
from pipeline.store.transaction import Clock, Transaction

__all__ = ["Clock", "Store", "Transaction", "origin_from", "origin_json", "sqlite_module", "wall_clock"]
