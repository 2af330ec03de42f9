"""`make demo`: the main job on this repository's own articles, and one article that goes the whole way.

Drafts source_content/ into every locale, builds a preview of all drafts, and then plays, with two stand-ins who are
not people, what a linguist and a clinician would do: edit the PO file, send it back, sign. The page that comes of it
is published as what it is: a demonstration. Played again, it finds everything done.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
ARTICLE, LOCALE = "why-people-misuse-clonazepam", "es"
POST_EDITS = ROOT / "demo" / "post-edits" / LOCALE / f"{ARTICLE}.po"
DESK = ROOT / ".signoff" / "demo"


def signoff(*arguments: str, may_end: tuple[int, ...] = (0,)) -> None:
    """Type one command, as a person would, and show it."""
    print(f"\n$ signoff {' '.join(arguments)}", flush=True)
    done = subprocess.run([sys.executable, "-m", "signoff", *arguments], cwd=ROOT, check=False)
    if done.returncode not in may_end:
        sys.exit(done.returncode)


def edited(name: str, verdicts: bool) -> str:
    """What a stand-in makes of the PO file: texts from demo/post-edits, fuzzy cleared; `# ok` where critical."""
    sent = polib.pofile(str(ROOT / "locales" / LOCALE / f"{ARTICLE}.po"), wrapwidth=0)
    texts = {entry.msgid: entry.msgstr for entry in polib.pofile(str(POST_EDITS))}
    for entry in sent:
        entry.msgstr = texts.get(entry.msgid, entry.msgstr)
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
        if verdicts and "CRITICAL" in entry.comment:
            entry.tcomment = "ok"
    DESK.mkdir(parents=True, exist_ok=True)
    path = DESK / f"{ARTICLE}.{name}.po"
    sent.save(str(path))
    return str(path.relative_to(ROOT))


def already_signed() -> bool:
    """Whether an earlier demo played to the end."""
    board = subprocess.run(
        [sys.executable, "-m", "signoff", "status", "--json", "--to", LOCALE],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [json.loads(line) for line in board.stdout.splitlines()]
    return any(row["slug"] == ARTICLE and row["signed_off"] == row["units"] for row in rows)


def main() -> None:
    """Play the demo."""
    started = time.monotonic()
    os.environ.setdefault("COLUMNS", "120")
    signoff("run")
    if not already_signed():
        print(f"\nOne article goes the whole way to {LOCALE}. Its two reviewers are stand-ins, not people.")
        back = edited("linguist", verdicts=False)
        signoff(
            "import", back, "--reviewer", "demo-linguist", "--attest", "all", "--entered-by", "demo", may_end=(0, 1)
        )
        signoff("run", ARTICLE, "--to", LOCALE)
        back = edited("clinician", verdicts=True)
        signoff(
            "import", back, "--reviewer", "demo-clinician", "--attest", "all", "--entered-by", "demo", may_end=(0, 1)
        )
        signoff("run", ARTICLE, "--to", LOCALE)
    signoff("publish", "--preview")
    signoff("publish")
    signoff("verify")
    signoff("ledger", "verify")
    signoff("status", "--to", LOCALE)
    print(f"""
Done in {time.monotonic() - started:.0f} s. Open in a browser:
  every draft, marked as a draft:       file://{ROOT}/site-preview/{LOCALE}/index.html
  the one article that was signed:      file://{ROOT}/site/{LOCALE}/{ARTICLE}/index.html
  how each of its sentences was signed: file://{ROOT}/site/{LOCALE}/{ARTICLE}/sentences/index.html
  what a reviewer edits:                {ROOT}/locales/{LOCALE}/{ARTICLE}.po
The demo's reviewers are stand-ins: nobody has reviewed these texts, do not rely on them.""")


if __name__ == "__main__":
    main()
