"""How deep each leaf of an isolation forest lies, as a share of what is expected: what the graph has to add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest
from sklearn.tree import ExtraTreeRegressor

from app.export import trees

Floats = npt.NDArray[np.float64]
EULER = float(np.euler_gamma)


def nodes(model: IsolationForest) -> list[trees.Nodes]:
    """The trees with weights that sum to the exponent of the score (Liu, Ting and Zhou 2008, equations 1 and 2)."""
    whole = len(model.estimators_) * float(expected_depth(np.array([model.max_samples_]))[0])
    return [_tree(member, whole) for member in model.estimators_]


def _tree(member: ExtraTreeRegressor, whole: float) -> trees.Nodes:
    """A leaf weighs its depth and, for the rows of training that it still holds, the depth expected of so many."""
    tree = member.tree_
    depth = tree.compute_node_depths() - 1.0 + expected_depth(tree.n_node_samples)
    return replace(trees.of_tree(tree, 1.0), weight=(depth / whole if whole else depth)[:, None])


def expected_depth(rows: npt.NDArray[np.generic]) -> Floats:
    """The mean depth of an unsuccessful search in a tree of so many rows (Preiss 1999), as scikit-learn has it."""
    n = np.asarray(rows, np.float64)
    many = np.maximum(n, 3.0)
    depth = 2.0 * (np.log(many - 1.0) + EULER) - 2.0 * (many - 1.0) / many
    return np.where(n <= 1, 0.0, np.where(n == 2, 1.0, depth))
