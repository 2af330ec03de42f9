"""What an event of each kind must hold, so that a ledger from elsewhere cannot be half an event, or name a path.

Takes   an event's body, as it was read
Gives   what is wrong with it, as a sentence; empty if it has the shape of its kind
Always  more fields may stand beside those named here; a hash that becomes a file's name is nothing but hex digits
"""

import re
from collections.abc import Mapping
from typing import Any

HASH = re.compile(r"[0-9a-f]{64}")
NO_HASH = re.compile(r"([0-9a-f]{64})?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NO_DAY = re.compile(r"(\d{4}-\d\d-\d\d)?")
FORMAT = re.compile(r"txt|md|html")

_UNIT: dict[str, Any] = {"slug": str, "number": int, "locale": str}
_ORIGIN: dict[str, Any] = {"kind": str, "name": str, "version": str, "doubts": [str]}
_PAIR: dict[str, Any] = {**_UNIT, "source": str, "source_hash": HASH, "target": str, "target_hash": HASH, "by": str}

_ACT: dict[str, Any] = {"by": str, "roster_entry": HASH, "policy": str}
"""Who acts, on which roster entry, under which policy: whether they may is judged from these."""

_LATER: Mapping[str, Mapping[str, Any]] = {
    "question": {"about": re.compile("translation|english")},
    "sign-off": {
        "statement": NO_HASH,
        "in_english": str,
        "waived": [
            {"check": str, "source": str, "target": str, "verdict": str, "by": str, "reason": str, "waiver": HASH}
        ],
    },
    "returned": {"statement": str, "signature": str},
    "release": {"by": str, "roster_entry": HASH, "cause": re.compile("publish|withdrawal|rollback"), "restores": HASH},
    "withdrawal": {"entered_by": str},
}
"""Fields that the first version did not write: if they are there, they have this shape."""

_UNDER: Mapping[str, Any] = {"policy": re.compile(r"[A-Za-z0-9._-]{0,80}"), "policy_hash": HASH}
"""The policy under which something was done, which events of every kind name. The first version named none in what
machines did, and no hash anywhere.
"""

_MERGED = "other_predecessors"
"""Of a new segment, if there are any; ledgers of the first version do not know them."""

_RENAMED = "renamed_from"
"""Of a revision, if its article had another slug before."""

SHAPES: Mapping[str, Mapping[str, Any]] = {
    "revision": {
        "slug": str,
        "in_id": str,
        "format": FORMAT,
        "sha256": HASH,
        "rules": {
            "furniture": [{"pattern": str, "element": str, "to_end": bool}],
            "headings": [str],
            "not_headings": [str],
            "front_matter_keys": [str],
        },
        "numbers": [int],
        "next_number": int,
        "new": [{"number": int, "source_hash": HASH, "source": str, "predecessor": int}],
    },
    "export": {
        "slug": str,
        "locale": str,
        "export_id": str,
        "file": HASH,
        "revision": HASH,
        "entries": [{"number": int, "source_hash": HASH, "target": str, "origin": _ORIGIN, "shows": [HASH]}],
    },
    "text": {**_PAIR, "supersedes": [HASH]},
    "kept": {**_UNIT, "id": str, "source": str, "target": str, "result": str, "reason": str, "by": str},
    "question": {**_UNIT, "source_hash": HASH, "question": str, "by": str, "file": HASH},
    "answer": {**_UNIT, **_ACT, "source_hash": HASH, "questions": [HASH], "answer": str},
    "choice": {
        **_UNIT,
        **_ACT,
        "source_hash": HASH,
        "chosen": HASH,
        "target": str,
        "target_hash": HASH,
        "supersedes": [HASH],
        "reason": str,
    },
    "editorial": {
        **_PAIR,
        **_ACT,
        "former": int,
        "former_source": str,
        "former_source_hash": HASH,
        "supersedes": [HASH],
        "reason": str,
    },
    "retraction": {**_UNIT, "source_hash": HASH, "sign_offs": [HASH], "by": str, "reason": str},
    "revocation": {"person": str, "since": DAY, "by": str, "reason": str},
    "redaction": {"person": str, "personal": [HASH], "by": str, "reason": str},
    "sign-off": {
        **_PAIR,
        "context_hash": str,
        "visible_hash": HASH,
        "role": str,
        "roster_entry": HASH,
        "verdict": str,
        "attested_by": str,
        "risk": str,
        "policy": str,
        "supersedes": [HASH],
    },
    "returned": {
        "file": HASH,
        "slug": str,
        "locale": str,
        "export_id": str,
        "by": str,
        "attest": str,
        "outcome": str,
    },
    "roster": {
        "people": [
            {
                "id": str,
                "stand_in": bool,
                "roles": [str],
                "locales": [str],
                "qualifications": [{"valid_from": DAY, "valid_to": NO_DAY}],
                "personal": HASH,
            }
        ]
    },
    "policy": {
        "id": str,
        "profile": {
            "demo": bool,
            "steps": {
                "standard": [{"roles": [str], "may_be_editor": bool}],
                "critical": [{"roles": [str], "may_be_editor": bool}],
            },
        },
    },
    "pins": {"pins": dict},
    "release": {
        "content": HASH,
        "policy": str,
        "demo": bool,
        "site": {"name": str, "base_url": str, "source_locale": str},
        "heads": dict,
        "pages": [{"slug": str, "locale": str, "revision": HASH, "format": FORMAT}],
    },
    "pack": {
        "pack": str,
        "act": re.compile(r"sent|extended|recalled"),
        "reviewer": str,
        "locale": str,
        "due": NO_DAY,
        "by": str,
        "reason": str,
        "files": [{"slug": str, "export_id": str, "name": str, "numbers": [int]}],
    },
    "memory": {
        "file": HASH,
        "name": str,
        "source_locale": str,
        "locales": [{"language": str, "locale": str}],
        "by": str,
    },
    "waiver": {
        **_PAIR,
        "verdict": re.compile("waived|dismissed"),
        "role": str,
        "roster_entry": HASH,
        "policy": str,
        "findings": [{"check": str, "source": str, "target": str}],
        "reason": str,
    },
    "withdrawal": {
        "locale": str,
        "source": str,
        "source_hash": HASH,
        "target": str,
        "target_hash": HASH,
        "by": str,
        "reason": str,
    },
}
"""By kind. A type, a pattern that a text must match whole, [the shape of every item], or {key: shape}."""


def misshapen(kind: str, body: object) -> str:
    """Why a body is not one of this kind, as a sentence; empty if it is."""
    wrong = _misfit(body, SHAPES[kind], "its body")
    if not wrong and kind == "revision" and isinstance(body, dict):  # older revisions have none of these
        wrong = _misfit(body["rules"].get("protect", []), [{"name": str, "pattern": str}], "protect")
        if not wrong and _RENAMED in body:
            wrong = _misfit(body[_RENAMED], {"slug": str, "before": int}, _RENAMED)
        wrong = wrong or next((w for new in body["new"] if (w := _misfit(new.get(_MERGED, []), [int], _MERGED))), "")
    if not wrong and kind == "export" and isinstance(body, dict) and "pack" in body:
        wrong = _misfit(body, {"pack": str, "numbers": [int]}, "its body")
    if not wrong and isinstance(body, dict):
        later = ((key, shape) for key, shape in (*_LATER.get(kind, {}).items(), *_UNDER.items()) if key in body)
        wrong = next((w for key, shape in later if (w := _misfit(body[key], shape, key))), "")
    if not wrong and kind == "release" and isinstance(body, dict):
        wrong = next((w for page in body["pages"] if (w := _wrong_pins(page))), "")
    if not wrong and kind == "pins" and isinstance(body, dict):
        hashes = (_misfit(hash_, HASH, "a hash") for hash_ in body["pins"])
        lists = (_misfit(listed, [list], "pins") or _no_pins(listed) for listed in body["pins"].values())
        wrong = next((w for w in (*hashes, *lists) if w), "")
    return wrong


def _wrong_pins(page: Mapping[str, Any]) -> str:
    """A page names its pins by their hash, or in the first releases holds them itself."""
    if "pins" in page:
        return _misfit(page["pins"], HASH, "pins") or ("a page has both pins and units" if "units" in page else "")
    return _misfit(page, {"units": [list]}, "a page") or _no_pins(page["units"])


def _no_pins(pins: list[list[Any]]) -> str:
    good = all(len(pin) == 2 and type(pin[0]) is int and isinstance(pin[1], str) for pin in pins)
    return "" if good else "its units are not numbers with hashes"


def _misfit(value: object, shape: Any, what: str) -> str:
    if isinstance(
        shape, dict
    ):  # not Mapping, which takes five times as long: this is asked for every field of a ledger
        if not isinstance(value, dict):
            return f"{what} is no object"
        for key, inner in shape.items():
            if key not in value:
                return f"{what} has no {key}"
            if wrong := _misfit(value[key], inner, key):
                return wrong
        return ""
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{what} is no list"
        return next((wrong for item in value if (wrong := _misfit(item, shape[0], f"an item of {what}"))), "")
    if isinstance(shape, re.Pattern):
        return "" if isinstance(value, str) and shape.fullmatch(value) else f"{what} cannot be {value!r:.80}"
    return "" if type(value) is shape else f"{what} is of another type"
