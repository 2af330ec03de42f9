"""Where the command `signoff` starts, and `python -m signoff`: Ctrl-C is heard from the first line on."""

import signal

_HEARD = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN  # not in a shell's background job
if _HEARD:  # Until we listen it ends the process at once, where nothing has begun: Python could drop it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import gc  # noqa: E402
import sys  # noqa: E402

from signoff.interrupts import one_ctrl_c_suffices  # noqa: E402


def start() -> None:
    """Load the command line and run it; exits with its code."""
    try:
        with one_ctrl_c_suffices():
            # Most of what a command makes lives until its end: to look for garbage often costs a tenth of our time.
            gc.set_threshold(20_000, 20, 20)
            from signoff.main import main  # takes a moment, in which somebody may think better of it

            main()
    except KeyboardInterrupt:  # before `main` could hear it, or a second one while it told of the first
        sys.stderr.write("signoff: stopped; what was finished is kept, run the same command to go on\n")
        sys.exit(2)


if __name__ == "__main__":
    start()
