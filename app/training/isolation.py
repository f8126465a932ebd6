"""Which rows are unlike the others: an isolation forest (Liu, Ting and Zhou 2008, "Isolation forest").

The score is theirs: 2 to the power of minus the mean depth at which a row stands alone, over the depth expected of as
many rows; above one half a row is easier to isolate than most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest

from app.core.runs import InputSpec, Task
from app.errors import BadInput
from app.export.columns import Columns
from app.export.fitted import NO_CUT
from app.export.numbers import Inputs, Style
from app.export.scale import Scale
from app.export.sigmoid import Sigmoid
from app.training.flagging import cut
from app.training.threads import one_thread

Floats = npt.NDArray[np.float64]
Params = dict[str, int | float | str]

FAMILY = "isolation"
DEFAULTS: Params = {"trees": 100, "rows": 256, "share": 0.05, "terms": 20}
"""``rows``: that each tree sees (256 as in the paper: more hide small groups of unusual rows); ``share``: of training
rows to flag."""
WITNESSES = 3
"""The same forest with as many other seeds says how much of an answer is chance."""
CUT_ROWS = 20_000
"""Of more training rows so many, evenly spread, decide from which score on a row is flagged."""


class Isolation:
    """Fitted on what rows look like; there is no truth. ``cut``: the score from which a row is an anomaly."""

    task = Task.ANOMALY
    sigmoid: Sigmoid | None = None
    classes_: tuple[str, ...] = ()

    def __init__(self, params: Mapping[str, int | float | str], inputs: Sequence[InputSpec], seed: int) -> None:
        self.params: Params = {**DEFAULTS, **params}
        self.columns = Columns(inputs, Style.FILLED, terms=int(self.params["terms"]))
        self.scale = Scale()
        self.estimator, *self.witnesses = [self._forest(seed + i) for i in range(WITNESSES + 1)]
        self.cut = NO_CUT

    def fit(self, x: Inputs, y: npt.NDArray[np.generic]) -> Isolation:
        """Fit on training rows; ``y`` is not looked at. BadInput if no column tells rows apart."""
        with one_thread():
            self.columns.fit(x)
            self.columns.categories.order_by_rows(x)
            if not self.columns.width:
                raise BadInput("No input tells rows apart.", "Use other columns as input.")
            table = self.columns.transform(x)
            for forest in (self.estimator, *self.witnesses):
                forest.set_params(max_samples=min(int(self.params["rows"]), len(table))).fit(table)
            step = max(1, len(table) // CUT_ROWS)
            self.cut = cut(-self.estimator.score_samples(table[::step]), float(self.params["share"]))
        return self

    def predict(self, x: Inputs) -> npt.NDArray[np.generic]:
        """(n,) float64 scores between 0 and 1, greater is more unusual."""
        return self._scores([self.estimator], x)[:, 0]

    def predict_proba(self, x: Inputs) -> Floats:
        """An isolation forest knows no probabilities: TypeError."""
        raise TypeError("an isolation forest gives scores, no probabilities")

    def witnessed(self, x: Inputs) -> Floats:
        """(n, witnesses) scores by the forests with other seeds."""
        return self._scores(self.witnesses, x)

    @property
    def members(self) -> Sequence[tuple[Isolation, float]]:
        """Itself."""
        return ((self, 1.0),)

    def _scores(self, forests: Sequence[IsolationForest], x: Inputs) -> Floats:
        with one_thread():
            table = self.columns.transform(x)
            return -np.column_stack([forest.score_samples(table) for forest in forests]).astype(np.float64)

    def _forest(self, seed: int) -> IsolationForest:
        return IsolationForest(n_estimators=int(self.params["trees"]), random_state=seed, n_jobs=1)
