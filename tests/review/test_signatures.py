"""Signatures by people's own keys: made and judged by the real ssh-keygen, and audited without Signoff."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk, Somebody, accept, rewrite

from pipeline.errors import PolicyError
from pipeline.store.ledger import EventKind, canonical
from pipeline.store.ledger import timestamp as timestamp_of
from review.intake import FileReport, import_file
from review.ledger_check import check_exported
from review.statements import Signed, Statement, read_signed, read_statement

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen: apt install openssh-client")
ARTICLE = b"Rest is good for you.\n\nTake 5 mg every evening.\n\nWalk a little.\n"
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Path]:
    """A key for each of three people."""
    made = {}
    for name in ("ana", "dr-vega", "mallory"):
        made[name] = tmp_path / f"{name}.key"
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(made[name])]
        subprocess.run(command, check=True, timeout=30)
    return made


@pytest.fixture
def desk(make_desk: MakeDesk, keys: dict[str, Path]) -> Desk:
    """Ana and Dr Vega have keys on the roster; eva has none."""
    people = (Somebody(id="ana"), Somebody(id="dr-vega", roles=("medical reviewer",)), Somebody(id="eva"))
    desk = make_desk({"a.txt": ARTICLE}, demo=False, people=people, policy="keyed-medical-2026-1")
    toml = (desk.root / "signoff.toml").read_text(encoding="utf-8")
    for name in ("ana", "dr-vega"):
        public = keys[name].with_suffix(".key.pub").read_text(encoding="ascii").strip()
        toml = toml.replace(f'id = "{name}"\n', f'id = "{name}"\npublic_key = "{public}"\n')
    (desk.root / "signoff.toml").write_text(toml, encoding="utf-8")
    desk.run()
    return desk


def signed(desk: Desk, path: Path, key: Path, by: str, attest: str = "all", namespace: str = "signoff") -> Signed:
    """The statement that `signoff import --statement` writes, signed as the reviewer signs it."""
    import hashlib

    file = hashlib.sha256(path.read_bytes()).hexdigest()
    statement = Statement(file=file, name=path.name, reviewer=by, attest=attest, time=timestamp_of(desk.clock()))
    beside = path.with_name(f"{path.name}.statement")
    beside.write_bytes(statement.data())
    beside.with_name(f"{beside.name}.sig").unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key), str(beside)]
    subprocess.run(command, check=True, timeout=30, capture_output=True)
    return read_signed(beside.with_name(f"{beside.name}.sig"))


def import_signed(desk: Desk, path: Path, by: str, signature: Signed | None) -> FileReport:
    with desk.store() as store:
        return import_file(
            desk.workspace, store, desk.judges, path, reviewer=by, attest="all", entered_by="office", signed=signature
        )


def both_signed(desk: Desk, keys: dict[str, Path]) -> None:
    """All is signed by both people, each with their own key."""
    for by, change in (("ana", rewrite), ("dr-vega", accept)):
        path = desk.edited("a", change, name=f"{by}.po")
        import_signed(desk, path, by, signed(desk, path, keys[by], by))
        desk.run()


def export(desk: Desk) -> bytes:
    with desk.store() as store, store.read() as transaction:
        return b"".join(line + b"\n" for line in transaction.lines())


def test_a_policy_may_ask_for_a_key_and_takes_nothing_less_for_what_is_critical(
    desk: Desk, keys: dict[str, Path]
) -> None:
    """Without the signature a critical text is held with that reason, a standard one is signed as ever."""
    path = desk.edited("a", rewrite, name="ana.po")
    first = import_signed(desk, path, "ana", None)
    assert [entry.result.value for entry in first.entries] == ["signed", "held", "signed"]
    assert "ana's own key" in first.entries[1].reason
    again = import_signed(desk, path, "ana", signed(desk, path, keys["ana"], "ana"))
    assert [entry.result.value for entry in again.entries] == ["signed"] * 3
    assert "with her own key" in again.entries[1].reason
    assert desk.check().wrong == ()


def test_what_is_signed_by_key_says_so_on_the_page_and_what_is_not_names_who_typed(
    desk: Desk, keys: dict[str, Path]
) -> None:
    """The page goes out, is proven, and names nobody else for it."""
    both_signed(desk, keys)
    assert [page.state for page in desk.publish().pages] == ["published"]
    assert desk.prove().unproven == ()
    page = desk.page("a").read_text(encoding="utf-8")
    assert "office" not in page
    with desk.store() as store, store.read() as transaction:
        assert all(event.body["statement"] for event in transaction.events(EventKind.SIGN_OFF))


def test_somebody_elses_signature_takes_nothing(desk: Desk, keys: dict[str, Path]) -> None:
    """Another key, another person, another file, another scope, another purpose, a time to come: nothing enters."""
    path = desk.edited("a", rewrite, name="ana.po")
    other = desk.edited("a", accept, name="other.po")
    before = export(desk)
    wrong = {
        "another key": signed(desk, path, keys["mallory"], "ana"),
        "another person": signed(desk, path, keys["dr-vega"], "dr-vega"),
        "another file": signed(desk, other, keys["ana"], "ana"),
        "another scope": signed(desk, path, keys["ana"], "ana", attest="edited"),
        "another purpose": signed(desk, path, keys["ana"], "ana", namespace="git"),
    }
    for name, signature in wrong.items():
        with pytest.raises(PolicyError, match="nothing was taken"):
            import_signed(desk, path, "ana", signature)
            pytest.fail(name)
    with pytest.raises(PolicyError, match="no public_key"):
        import_signed(desk, path, "eva", signed(desk, path, keys["mallory"], "eva"))
    desk.clock.on("2027-01-01")
    late = signed(desk, path, keys["ana"], "ana")
    desk.clock.on("2026-06-02")
    with pytest.raises(PolicyError, match="not yet"):
        import_signed(desk, path, "ana", late)
    assert export(desk) == before


def test_a_statement_that_was_changed_is_none(desk: Desk, keys: dict[str, Path]) -> None:
    """Not even by a blank."""
    path = desk.edited("a", rewrite, name="ana.po")
    data = signed(desk, path, keys["ana"], "ana").statement.data()
    for changed in (data + b"\n", data.replace(b'"all"', b'"edited" '), data[:-1], b"[]\n", b"{}\n", b"\xff"):
        with pytest.raises(PolicyError):
            read_statement(changed, "statement")


def test_an_exported_ledger_is_checked_alone(desk: Desk, keys: dict[str, Path]) -> None:
    """Chain, entitlement and signatures, with nothing but the file and the roster."""
    both_signed(desk, keys)
    data = export(desk)
    roster = {name: keys[name].with_suffix(".key.pub").read_text().rsplit(" ", 1)[0] for name in ("ana", "dr-vega")}
    report = check_exported(data, "all.jsonl", roster)
    assert report.wrong == ()
    assert report.sign_offs == report.by_key > 3
    other = {**roster, "ana": keys["mallory"].with_suffix(".key.pub").read_text().rsplit(" ", 1)[0]}
    assert any("not the one in the roster given" in wrong for wrong in check_exported(data, "all.jsonl", other).wrong)


def rewritten(data: bytes, change: object) -> bytes:
    """The ledger with every event changed and every link made anew, as somebody could who holds the only copy."""
    import hashlib

    lines, prev = [], ""
    for line in data.splitlines():
        event = json.loads(line)
        change(event)  # type: ignore[operator]
        event["prev"] = prev
        lines.append(canonical(event))
        prev = hashlib.sha256(lines[-1]).hexdigest()
    return b"".join(line + b"\n" for line in lines)


def test_a_rewritten_ledger_cannot_put_a_signature_under_another_file_or_person(
    desk: Desk, keys: dict[str, Path]
) -> None:
    """Links can be made anew, a signature cannot."""
    both_signed(desk, keys)
    data = export(desk)

    def other_file(event: dict[str, object]) -> None:
        body = event["body"]
        assert isinstance(body, dict)
        if event["kind"] in ("sign-off", "returned") and "file" in body:
            body["file"] = "0" * 64

    def other_signature(event: dict[str, object]) -> None:
        body = event["body"]
        assert isinstance(body, dict)
        if "signature" in body:
            body["signature"] = body["signature"].replace("\nU1NI", "\nU1NJ")

    def no_statement(event: dict[str, object]) -> None:
        body = event["body"]
        assert isinstance(body, dict)
        if event["kind"] == "returned":
            body.pop("statement", None)

    for change in (other_file, other_signature, no_statement):
        assert check_exported(rewritten(data, change), "all.jsonl").wrong, change
    assert check_exported(rewritten(data, lambda event: None), "all.jsonl").wrong == ()


def test_an_auditor_gets_the_same_from_sha256sum_and_ssh_keygen(
    desk: Desk, keys: dict[str, Path], tmp_path: Path
) -> None:
    """The commands of docs/audit.md, as they stand there; and they notice what was changed."""
    both_signed(desk, keys)
    folder = tmp_path / "audit"
    folder.mkdir()
    data = export(desk)
    (folder / "all.jsonl").write_bytes(data)
    signers = [
        f'{name} namespaces="signoff" {keys[name].with_suffix(".key.pub").read_text(encoding="ascii")}'
        for name in ("ana", "dr-vega")
    ]
    (folder / "allowed_signers").write_text("".join(signers), encoding="ascii")
    text = (DOCS / "audit.md").read_text(encoding="utf-8")
    chain, note, compare, signatures, rests, pair = re.findall(r"<!-- tested -->\n```sh\n(.*?)```", text, re.DOTALL)

    def sh(script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", script],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    report = check_exported(data, "all.jsonl")
    assert [f"chain {c} ends with {head}" for c, head in report.heads.items()] == sh(chain).stdout.splitlines()
    assert sh(note).returncode == 0
    noted = [line.split() for line in (folder / "anchor.txt").read_text().splitlines()]
    assert {name: head for _, head, name in noted} == report.heads
    (folder / "all.jsonl").write_bytes(data + data)  # more lines of the chain: it grew
    assert sh(compare).stdout == ""
    (folder / "all.jsonl").write_bytes(data)
    done = sh(signatures)
    assert done.returncode == 0, done.stderr
    statements = re.findall("statement ([0-9a-f]{64})", done.stdout)
    assert len(statements) == 2
    assert all(f'"statement":"{statement}"' in data.decode() for statement in statements)
    assert sh(rests).stdout.splitlines()[0] == str(report.sign_offs)
    computed, written = sh(pair).stdout.splitlines()
    assert computed.split()[0] in written
    lines = data.splitlines(keepends=True)
    (folder / "all.jsonl").write_bytes(b"".join([*lines[:2], *lines[3:]]))
    assert "BROKEN" in sh(chain).stdout
    assert "WRITTEN ANEW" in sh(compare).stdout
    (folder / "all.jsonl").write_bytes(data.replace(b'\\"attest\\":\\"all\\"', b'\\"attest\\":\\"ALL\\"'))
    assert sh(signatures).returncode != 0
