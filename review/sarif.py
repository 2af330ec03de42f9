"""Findings as SARIF 2.1.0, which code hosts show beside the lines of a change.

Takes   lint reports
Gives   one JSON-ready object of the format's version 2.1.0 (OASIS standard of 27 March 2020)
Always  a result names its rule, its file as a relative address and its line; the same findings, the same object
"""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from review.checks import check_functions
from review.linting import LintFinding, LintReport

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(reports: Sequence[LintReport]) -> dict[str, Any]:
    """All findings of some files as one run."""
    about = {check.__name__: (check.__doc__ or "").strip().split("\n")[0] for check in check_functions()}
    about["consistency"] = "Equal sources have equal targets within a file."
    about["meaning"] = "The target means about what the source means."
    rules = list(about)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "signoff",
                        "version": version("signoff"),
                        "rules": [{"id": rule, "shortDescription": {"text": about[rule]}} for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(found, rules) for report in reports for found in report.findings],
            }
        ],
    }


def _result(found: LintFinding, rules: Sequence[str]) -> dict[str, Any]:
    finding = found.finding
    print_ = hashlib.sha256(f"{found.id}\x1f{finding.check}\x1f{finding.message}".encode()).hexdigest()[:32]
    return {
        "ruleId": finding.check,
        "ruleIndex": rules.index(finding.check),
        "level": finding.severity.value,
        "message": {"text": f"{finding.message} ({found.id})"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(PurePath(found.file).as_posix())},
                    "region": {"startLine": max(1, found.line)},
                }
            }
        ],
        "partialFingerprints": {"signoff/v1": print_},
    }
