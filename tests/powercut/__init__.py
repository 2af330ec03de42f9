"""A power-cut simulator for tests: record what a program does to a folder, rebuild what a power cut could leave.

    trace = record([sys.executable, "-m", "signoff", "run"], root=workspace, cwd=workspace)
    for number, cut in enumerate(trace.cuts(seed=1, per_cut=20)):
        cut.rebuild(tmp_path / str(number))          # then open it and see that all in cut.reported is there

recorder.py watches the program; the rules of what a disk may lose are at the top of disk.py.
"""

from .disk import Cut, Kind, NameChange, NameOrder, Op, Reported, Resize, Sync, Trace, Write
from .recorder import TraceError, record

__all__ = [
    "Cut",
    "Kind",
    "NameChange",
    "NameOrder",
    "Op",
    "Reported",
    "Resize",
    "Sync",
    "Trace",
    "TraceError",
    "Write",
    "record",
]
