"""Writes down each candidate when it finishes: bytes into the object store first, then the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.gates import GateResult
from app.core.ids import new_id
from app.core.runs import Candidate, CandidateState, Run, RunState, Task
from app.errors import JobCrashed, ModelyardError, ParityFailed
from app.registry import runs
from app.training import order as files
from app.training.order import CandidateOrder, Fitted

if TYPE_CHECKING:
    from app.registry.project import Project


class Recording:
    """What a run has so far. ``notes``: about the run as a whole, in words."""

    def __init__(
        self,
        project: Project,
        run: Run,
        gates_of: Callable[[Fitted], Sequence[GateResult]] | None,
        on_candidate: Callable[[Candidate], None] | None,
    ) -> None:
        self._project = project
        self.run = run
        self._gates_of = gates_of
        self._on_candidate = on_candidate
        self._done: list[Candidate] = []
        self._data_notes: tuple[str, ...] = ()
        self._skipped: list[str] = []
        self.notes: list[str] = []

    def take(self, order: CandidateOrder, result: Fitted | ModelyardError, folder: Path) -> None:
        """Record how a candidate came out. ``folder``: where its files are.

        A crash fails that candidate alone; an error about the data or the machine is raised, as every other
        candidate would meet it too.
        """
        if isinstance(result, ModelyardError):
            if not isinstance(result, JobCrashed | ParityFailed):
                raise result
            self._keep(self._crashed(order, result), ())
        elif result.skipped:
            self._skipped.append(order.name)
        else:
            self._data_notes = result.notes or self._data_notes
            gates = self._gates_of(result) if self._gates_of else ()
            self._keep(self._finished(order, result, folder), gates)

    def all_notes(self) -> tuple[str, ...]:
        """Notes about the data, then about the run."""
        left_out = (f"Left out, as too little time was left: {', '.join(self._skipped)}.",) if self._skipped else ()
        return (*self._data_notes, *left_out, *self.notes)

    @property
    def has_baseline(self) -> bool:
        """Whether the baseline is recorded, be it as one that crashed; anomalies have none, so any candidate."""
        return any(c.family == "dummy" or self.run.plan.task is Task.ANOMALY for c in self._done)

    @property
    def has_model(self) -> bool:
        """Whether a model is recorded that could be used."""
        return any(not c.baseline and c.state is CandidateState.PASSED for c in self._done)

    def verdict(self) -> tuple[RunState, str]:
        """How a run that was not cancelled ended, and why it failed if it did."""
        real = [c for c in self._done if not c.baseline]
        if any(c.state is not CandidateState.FAILED for c in real):
            return RunState.FINISHED, ""
        if not real:
            return RunState.FAILED, f"Only the baseline was finished within {self.run.plan.seconds:g} s."
        return RunState.FAILED, f"No candidate could be fitted. {real[0].name}: {real[0].note}"

    def _keep(self, candidate: Candidate, gates: Sequence[GateResult]) -> None:
        runs.record_candidate(self._project, candidate, gates)
        self._done.append(candidate)
        if self._on_candidate:
            self._on_candidate(candidate)

    def _crashed(self, order: CandidateOrder, error: ModelyardError) -> Candidate:
        return Candidate(
            id=new_id(),
            run_id=self.run.id,
            name=order.name,
            family=order.family,
            state=CandidateState.FAILED,
            baseline=order.baseline,
            seconds=0.0,
            note=str(error),
        )

    def _finished(self, order: CandidateOrder, fitted: Fitted, folder: Path) -> Candidate:
        return Candidate(
            id=new_id(),
            run_id=self.run.id,
            name=order.name,
            family=order.family,
            state=fitted.state,
            baseline=order.baseline,
            seconds=fitted.seconds,
            cv=fitted.cv,
            holdout=fitted.holdout,
            recipe_sha256=self._stored(folder / files.RECIPE),
            onnx_sha256=self._stored(folder / files.ONNX),
            parity_sha256=self._stored(folder / files.PARITY),
            predictions_sha256=self._stored(folder / files.PREDICTIONS),
            evaluation_sha256=self._stored(folder / files.EVALUATION),
            onnx_bytes=fitted.onnx_bytes,
            note=fitted.note,
        )

    def _stored(self, path: Path) -> str | None:
        return self._project.objects.put_file(path).sha256 if path.exists() else None
