"""What a reviewer signs with a key of her own: which file, what of it, who she is, when; so that her sign-offs do not
rest on who typed the command.

Takes   a returned file's hash and what she attests; the signature that `ssh-keygen -Y sign -n signoff` made of that
Gives   the statement's bytes; whether a signature is hers, by the key on her roster entry
Always  ssh-keygen judges, not we; what is signed is the statement's very bytes, and they stand in the ledger beside it
Source  OpenSSH, PROTOCOL.sshsig; ssh-keygen(1), -Y sign and -Y verify
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import PolicyError
from pipeline.store.ledger import Event, EventKind, canonical, digest

NAMESPACE = "signoff"
"""Of the signature: one that was made for something else counts for nothing here."""
MAX_BYTES = 16 * 1024
ENDING = ".statement"
_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a reviewer signs: that she answers for the texts of one file."""

    file: str
    """SHA-256 of the returned file."""
    name: str
    """The file's name, for people to read."""
    reviewer: str
    attest: str
    """Her scope: `edited` or `all`."""
    time: str
    """When it was written, `2026-01-31T12:00:00Z`."""

    def data(self) -> bytes:
        """Its bytes: one line of canonical JSON."""
        return canonical({"signoff": "statement 1", **asdict(self)}) + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement with its signature."""

    statement: Statement
    signature: str
    """As ssh-keygen wrote it: lines between BEGIN and END SSH SIGNATURE."""

    @property
    def hash(self) -> str:
        """What a sign-off names it by."""
        return hashlib.sha256(self.statement.data()).hexdigest()


def read_statement(data: bytes, where: str) -> Statement:
    """A statement's bytes. Raises PolicyError unless they are exactly what a Statement would write."""
    try:
        fields = json.loads(data[:MAX_BYTES])
        kind = fields.pop("signoff")
        statement = Statement(**fields)
        datetime.strptime(statement.time, "%Y-%m-%dT%H:%M:%SZ")
        known = kind == "statement 1" and statement.data() == data
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PolicyError(f"{where}: is no statement that `signoff import --statement` wrote") from error
    if not known:
        raise PolicyError(f"{where}: was changed after `signoff import --statement` wrote it: write it again")
    return statement


def read_signed(path: Path) -> Signed:
    """A signature file, and the statement beside it that it was made of: `x.po.statement.sig`, `x.po.statement`.

    Raises PolicyError if either is missing or is not what it should be.
    """
    beside = path.with_suffix("")
    if path.suffix != ".sig" or not path.is_file() or not beside.is_file():
        raise PolicyError(
            f"{path}: the signature is the file that `ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE{ENDING}` writes, "
            f"FILE{ENDING}.sig, and the statement stands beside it"
        )
    data = path.read_bytes()
    if len(data) > MAX_BYTES or not data.startswith(b"-----BEGIN SSH SIGNATURE-----") or not data.isascii():
        raise PolicyError(f"{path}: is no signature of ssh-keygen's")
    return Signed(statement=read_statement(beside.read_bytes(), str(beside)), signature=data.decode())


def why_not_for(signed: Signed, *, file: str, reviewer: str, attest: str, public_key: str, now: str) -> str:
    """Why a signed statement does not cover this import, as a sentence; empty if it does."""
    statement = signed.statement
    if statement.file != file:
        return f"the statement is for another file ({statement.name})"
    if statement.reviewer != reviewer:
        return f"the statement is {statement.reviewer}'s, not {reviewer}'s"
    if statement.attest != attest:
        return f"the statement says --attest {statement.attest}"
    if statement.time > now:
        return f"the statement is of {statement.time}, which is not yet"
    if not public_key:
        return f"{reviewer} has no public_key in signoff.toml"
    return why_not_signed(statement.data(), signed.signature, public_key, reviewer)


def why_not_signed(statement: bytes, signature: str, public_key: str, person: str) -> str:
    """Why a signature is not by this key over these bytes, as a sentence; empty if ssh-keygen says that it is.

    Raises PolicyError where there is no ssh-keygen to ask.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        raise PolicyError("signatures are checked by ssh-keygen, which is not installed: apt install openssh-client")
    with tempfile.TemporaryDirectory(prefix="signoff-signature-") as folder:
        allowed, given = Path(folder, "allowed_signers"), Path(folder, "signature")
        allowed.write_text(f'{person} namespaces="{NAMESPACE}" {public_key}\n', encoding="ascii")
        given.write_text(signature, encoding="ascii")
        command = [program, "-Y", "verify", "-f", str(allowed), "-I", person, "-n", NAMESPACE, "-s", str(given)]
        done = subprocess.run(command, input=statement, capture_output=True, check=False, timeout=_TIMEOUT_S)
    return "" if done.returncode == 0 else f"the signature is not one by {person}'s key over this statement"


def wrong_signatures(events: Sequence[Event], keys: Mapping[str, str] | None = None) -> Iterator[tuple[Event, str]]:
    """The sign-offs that name a signed statement which does not bear them out, each with the reason.

    `keys` are the people's keys as somebody else keeps them; without, those of the roster entries in the ledger.
    """
    sign_offs = [event for event in events if event.kind is EventKind.SIGN_OFF and event.body.get("statement")]
    if not sign_offs:
        return
    statements: dict[str, Mapping[str, Any]] = {}
    entries: dict[str, Mapping[str, Any]] = {}
    for event in events:
        if event.kind is EventKind.RETURNED and event.body.get("statement"):
            statements.setdefault(hashlib.sha256(event.body["statement"].encode()).hexdigest(), event.body)
        elif event.kind is EventKind.ROSTER:
            entries |= {digest(entry): entry for entry in event.body["people"]}
    known: dict[tuple[str, str], str] = {}
    for event in sign_offs:
        body = event.body
        key = str(entries.get(body["roster_entry"], {}).get("public_key", ""))
        case = (body["statement"], key)
        if case not in known:
            known[case] = _why_wrong(statements.get(body["statement"]), key, body["by"])
        wrong = known[case]
        if not wrong and keys is not None and keys.get(body["by"]) != key:
            wrong = f"the key that the ledger has for {body['by']} is not the one in the roster given"
        if not wrong and body.get("file") != statements[body["statement"]]["file"]:
            wrong = "its statement is for another file"
        if wrong:
            yield event, wrong


def _why_wrong(returned: Mapping[str, Any] | None, key: str, by: str) -> str:
    if returned is None:
        return "the statement that it names is not in the ledger"
    if not key:
        return f"the roster entry of {by} that it names has no key"
    try:
        signed = Signed(
            statement=read_statement(returned["statement"].encode(), "the statement"), signature=returned["signature"]
        )
    except PolicyError as error:
        return str(error)
    if not signed.signature.isascii():
        return "its signature is none"
    return why_not_for(
        signed,
        file=returned["file"],
        reviewer=by,
        attest=returned["attest"],
        public_key=key,
        now="9999",
    )
