"""Every error that Modelyard raises on purpose.

Each is one sentence a person can act on (``message``), a way out (``hint``) and technical
``details`` that are shown behind a disclosure. They survive the process border by class name
(see ``app.jobs``). Anything else that is raised is our bug and is shown as such.
"""

from __future__ import annotations


class ModelyardError(Exception):
    """Root of all errors that we raise on purpose."""

    def __init__(self, message: str, hint: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        """The message and the way out."""
        return f"{self.message} {self.hint}".strip()


class BadInput(ModelyardError):
    """A file or a value that a person gave cannot be used; shown where it was given."""


class FileRefused(BadInput):
    """A dropped file ended in the outcome ``reject``; ``code`` is stable (PROMISES table)."""

    def __init__(self, message: str, hint: str = "", details: str = "", code: str = "") -> None:
        super().__init__(message, hint, details)
        self.code = code


class TypesRefused(BadInput):
    """Types that a person chose do not fit some cells; ``misfits``: which, as JSON (see ``app.data.types.misfits``)."""

    def __init__(self, message: str, hint: str = "", details: str = "", misfits: str = "") -> None:
        super().__init__(message, hint, details)
        self.misfits = misfits


class NotAllowed(ModelyardError):
    """The action exists but a rule forbids it now; shown on the button, with the reason."""


class GateFailed(NotAllowed):
    """A gate of an environment is in the way of a roll-out."""


class NotFound(ModelyardError):
    """What was named does not exist in this project."""


class EnvironmentProblem(ModelyardError):
    """The machine, not the person: disk full, locked, read-only, project made by a newer version."""


class CorruptObject(EnvironmentProblem):
    """Stored bytes no longer have the hash that names them."""


class Unreadable(CorruptObject):
    """Stored bytes are whole, but in a form that this version does not know."""


class ParityFailed(ModelyardError):
    """The exported model does not answer as the trained one did."""


class BundleProblem(ModelyardError):
    """A bundle is incomplete, changed or not one of ours."""


class JobCancelled(ModelyardError):
    """Somebody pressed Cancel. Silent: nothing went wrong."""

    def __init__(self, message: str = "Cancelled.", hint: str = "", details: str = "") -> None:
        super().__init__(message, hint, details)


class JobCrashed(ModelyardError):
    """A child process died: killed, out of memory, segmentation fault; named in words."""


class OutOfMemory(JobCrashed):
    """A child needed more memory than there is, or than it may have."""
