"""What if an input were another one? A model that is asked one question after the other, so that the answer moves while
a person types. The parent's side: one child that keeps the model and its rows, and a thread that talks to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.core.explanations import Reasons
from app.core.progress import Silent
from app.errors import JobCrashed, ModelyardError
from app.jobs.supervise import Limits, Worker, answer, hired
from app.training.explaining.explain import MEMORY_BYTES, AskedRow, ExplainOrder

if TYPE_CHECKING:
    from app.registry.project import Project

IDLE_S = 120.0
"""After so long without a question the child is let go; the next question starts another one."""


class WhatIf:
    """Only the newest question is answered: whoever types fast does not wait for what was meant before.

    ``told`` hears each answer, or why there is none, in the thread of this conversation. Callable from any thread.
    """

    def __init__(
        self, project: Project, order: ExplainOrder, told: Callable[[str, Reasons | ModelyardError], None]
    ) -> None:
        self._project = project
        self._order = order
        self._told = told
        self._changed = threading.Condition()
        self._question: str | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def ask(self, inputs: str) -> None:
        """``inputs``: a JSON object with the value of every input."""
        with self._changed:
            self._question = inputs
            self._changed.notify()
            if self._thread is None:
                self._begin()

    def close(self) -> None:
        """Answer nothing any more; the child is gone soon after."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait until the child is gone; whether it is."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()

    def _begin(self) -> None:
        """Start talking, unless nobody listens any more. The lock is held."""
        if not self._closed:
            self._thread = threading.Thread(target=self._run, name="what-if", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """One child's life. What was asked while it went is asked of another one."""
        had_a_child = False
        try:
            self._talk()
            had_a_child = True
        except ModelyardError as error:
            self._told("", error)
        finally:
            with self._changed:
                self._thread = None
                if had_a_child and self._question is not None:
                    self._begin()

    def _talk(self) -> None:
        with self._project.scratch("what-if") as folder:
            limits = Limits(memory_bytes=MEMORY_BYTES)
            with hired("app.training.explaining.explaining:find_reasons", folder=folder, limits=limits) as worker:
                while (question := self._next()) is not None:
                    worker.give((self._order, AskedRow(inputs=question)), folder)
                    if not self._answered(worker, question):
                        return

    def _answered(self, worker: Worker, question: str) -> bool:
        """Whether the child can be asked again."""
        try:
            found: Reasons | ModelyardError = answer(worker, Silent(), Reasons)
        except ModelyardError as error:
            found = error
        if not self._closed:
            self._told(question, found)
        return not isinstance(found, JobCrashed)

    def _next(self) -> str | None:
        """The newest question; None once it is closed or nobody has asked for long."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._question is not None, IDLE_S)
            question, self._question = self._question, None
            return None if self._closed else question
