"""What went wrong, in words: what happened, what to do, and the details for a report."""

from __future__ import annotations

from dataclasses import dataclass

from app import __version__
from app.errors import ModelyardError, TypesRefused
from app.ui.words import in_the_window


@dataclass(frozen=True, slots=True)
class Problem:
    """``is_bug``: not foreseen; the person gets *Copy report* instead of advice. ``misfits``: cells that a chosen
    type does not fit (see ``app.data.types.misfits``)."""

    message: str
    hint: str = ""
    details: str = ""
    is_bug: bool = False
    misfits: str = ""

    @property
    def report(self) -> str:
        """Everything, as text for the clipboard."""
        import platform

        machine = f"Modelyard {__version__}, Python {platform.python_version()}, {platform.platform()}"
        return "\n".join(part for part in (self.message, self.hint, "", self.details, "", machine) if part is not None)


def problem_of(error: BaseException) -> Problem:
    """An error as a person should see it."""
    import traceback

    trace = "".join(traceback.format_exception(error))
    if isinstance(error, ModelyardError):
        misfits = error.misfits if isinstance(error, TypesRefused) else ""
        return Problem(in_the_window(error.message), in_the_window(error.hint), error.details or trace, misfits=misfits)
    said = f"{type(error).__name__}: {error}"
    return Problem(
        "Modelyard made a mistake here. Nothing that was confirmed is lost.",
        "Please copy the report and send it to whoever looks after Modelyard.",
        f"{said}\n\n{trace}",
        is_bug=True,
    )
