"""What stops the work: one class per kind of refusal, each with a sentence that a person can act on.

An error says what is wrong, where (file and line when there is one) and what to do. Findings, which describe a text,
are in model.py. Only `signoff.main` turns a LocalizationError into a line on stderr and exit code 2.
"""

from pathlib import Path


class LocalizationError(Exception):
    """Signoff cannot go on; the message is for the person at the keyboard."""


class LocaleError(LocalizationError):
    """A locale tag is not BCP 47, or names a language that the CLDR does not know."""


class ConfigError(LocalizationError):
    """`signoff.toml` is missing, broken, or says something that cannot be."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path, self.line = path, line


class ArticleError(LocalizationError):
    """An article cannot be read as a whole, so it is not read at all."""

    def __init__(self, where: str, line: int | None, reason: str) -> None:
        super().__init__(f"{where}:{line}: {reason}" if line else f"{where}: {reason}")
        self.where, self.line, self.reason = where, line, reason


class PoSyntaxError(LocalizationError):
    """A PO file breaks the format of the GNU gettext manual, chapter "The Format of PO Files"."""

    def __init__(self, path: Path | str, line: int, *, expected: str, found: str) -> None:
        super().__init__(f"{path}:{line}: expected {expected}, found {found!r}")
        self.path, self.line, self.expected, self.found = path, line, expected, found


class TmxError(LocalizationError):
    """A translation memory cannot be read as a whole, so none of it is."""

    def __init__(self, where: str, line: int, reason: str) -> None:
        super().__init__(f"{where}:{line}: {reason}")
        self.where, self.line, self.reason = where, line, reason


class EngineError(LocalizationError):
    """An engine cannot serve: not installed, no such pair, died, or did not answer in time."""

    def __init__(self, message: str, *, setting: str = "") -> None:
        """`setting` is the key below `[engine.<name>]` that will not do, if it is one."""
        super().__init__(message)
        self.setting = setting


class StoreError(LocalizationError):
    """The store is damaged, of another version, or held by somebody else."""


class LedgerError(LocalizationError):
    """The chain of events is broken: what was signed can no longer be proven."""


class WorkspaceBusyError(LocalizationError):
    """Another process does the same work in this workspace right now."""


class PolicyError(LocalizationError):
    """An act that the policy or the roster does not allow."""


class PublishError(LocalizationError):
    """A site cannot be built where it was asked for."""


class TermsError(LocalizationError):
    """A termbase file cannot be read, or one of its terms cannot be a term."""

    def __init__(self, where: str, line: int | None, reason: str) -> None:
        super().__init__(f"{where}:{line}: {reason}" if line else f"{where}: {reason}")
        self.where, self.line, self.reason = where, line, reason


class HandOffError(LocalizationError):
    """A file for a reviewer cannot be written, or one that came back cannot be read as a whole, so none of it is."""

    def __init__(self, where: str, line: int | None, reason: str) -> None:
        super().__init__(f"{where}:{line}: {reason}" if line else f"{where}: {reason}")
        self.where, self.line, self.reason = where, line, reason


class PackError(LocalizationError):
    """A pack cannot be made, or there is none of that name."""
