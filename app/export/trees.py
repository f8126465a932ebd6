"""Tree ensembles as one ``TreeEnsembleRegressor`` with float64 thresholds and sums.

Classifiers too: their leaves hold one weight a class. Thresholds and sums in float64 are what scikit-learn
uses, so nothing has to be rounded and small sums of large terms stay right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from onnx import numpy_helper
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.tree._tree import Tree

from app.errors import ParityFailed
from app.export.graph import ML, Graph

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Nodes:
    """One tree, (nodes,) each: where to go if ``x[feature] <= threshold``, and (nodes, targets) ``weight``."""

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    missing_left: npt.NDArray[np.bool_]
    leaf: npt.NDArray[np.bool_]
    weight: Floats


def of_tree(tree: Tree, factor: float) -> Nodes:
    """A scikit-learn decision tree; its leaf values times ``factor``."""
    leaf = tree.children_left < 0
    return Nodes(
        feature=np.where(leaf, 0, tree.feature).astype(np.int64),
        threshold=np.where(leaf, 0.0, tree.threshold),
        left=np.where(leaf, 0, tree.children_left).astype(np.int64),
        right=np.where(leaf, 0, tree.children_right).astype(np.int64),
        missing_left=tree.missing_go_to_left.astype(bool),
        leaf=leaf,
        weight=tree.value[:, 0, :] * factor,
    )


def of_boosting(predictor: TreePredictor, target: int, targets: int, factor: float) -> Nodes:
    """A tree of histogram gradient boosting that adds to one of ``targets`` sums. ParityFailed if it splits on
    native categories, which no attribute of the operator can say."""
    nodes = predictor.nodes
    if nodes["is_categorical"].any():
        raise ParityFailed("Boosting on native categories cannot be exported exactly.")
    leaf = nodes["is_leaf"].astype(bool)
    weight = np.zeros((len(nodes), targets))
    weight[:, target] = nodes["value"] * factor
    return Nodes(
        feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
        left=np.where(leaf, 0, nodes["left"]).astype(np.int64),
        right=np.where(leaf, 0, nodes["right"]).astype(np.int64),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        leaf=leaf,
        weight=weight,
    )


def emit(graph: Graph, matrix: str, trees: Sequence[Nodes], base: Floats) -> str:
    """Append the ensemble on ``matrix`` (n, features) float64; the output is ``base`` plus the sums,
    (n, targets) float32."""
    targets = len(base)
    tree_ids = np.repeat(np.arange(len(trees)), [len(t.leaf) for t in trees])
    node_ids = np.concatenate([np.arange(len(t.leaf)) for t in trees])
    leaf = np.concatenate([t.leaf for t in trees])
    weight = np.concatenate([t.weight for t in trees])
    at, target = np.nonzero(_stored(leaf, weight) | _for_base(tree_ids, leaf, weight, base))
    return graph.add(
        "TreeEnsembleRegressor",
        matrix,
        domain=ML,
        n_targets=targets,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values_as_tensor=numpy_helper.from_array(base.astype(np.float64), "base_values"),
        nodes_treeids=tree_ids.tolist(),
        nodes_nodeids=node_ids.tolist(),
        nodes_featureids=np.concatenate([t.feature for t in trees]).tolist(),
        nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        nodes_values_as_tensor=numpy_helper.from_array(np.concatenate([t.threshold for t in trees]), "nodes_values"),
        nodes_truenodeids=np.concatenate([t.left for t in trees]).tolist(),
        nodes_falsenodeids=np.concatenate([t.right for t in trees]).tolist(),
        nodes_missing_value_tracks_true=np.concatenate([t.missing_left for t in trees]).astype(np.int64).tolist(),
        target_treeids=tree_ids[at].tolist(),
        target_nodeids=node_ids[at].tolist(),
        target_ids=target.tolist(),
        target_weights_as_tensor=numpy_helper.from_array(weight[at, target], "target_weights"),
    )


def _stored(leaf: npt.NDArray[np.bool_], weight: Floats) -> npt.NDArray[np.bool_]:
    """Which weights to store, (nodes, targets): all of leaves that are not zero, and one at least in every leaf."""
    wanted: npt.NDArray[np.bool_] = (weight != 0) & leaf[:, None]
    wanted[leaf & ~wanted.any(axis=1), 0] = True
    return wanted


def _for_base(tree_ids: Ints, leaf: npt.NDArray[np.bool_], weight: Floats, base: Floats) -> npt.NDArray[np.bool_]:
    """Zeros to store besides, (nodes, targets): the runtime forgets the base of a target that none of the leaves adds
    to which a row reaches, as where no tree of a class has a split. The first tree then names that target everywhere.
    """
    needless = (weight == 0) & leaf[:, None]
    wanted = np.zeros(weight.shape, dtype=bool)
    for target in np.flatnonzero(base):
        lacking = np.unique(tree_ids[needless[:, target]])
        if len(lacking) == tree_ids[-1] + 1:
            wanted[:, target] = leaf & (tree_ids == 0)
    return wanted


def thresholds(estimator: object) -> dict[int, Floats]:
    """Feature -> the sorted different thresholds at which any tree of a fitted estimator splits it."""
    found = [_splits(tree) for tree in _grown(estimator)]
    if not found:
        return {}
    features = np.concatenate([feature for feature, _ in found])
    cuts = np.concatenate([cut for _, cut in found])
    return {int(feature): np.unique(cuts[features == feature]) for feature in np.unique(features)}


def _grown(estimator: object) -> list[Nodes]:
    predictors = getattr(estimator, "_predictors", [])
    grown = [of_boosting(p, 0, 1, 1.0) for iteration in predictors for p in iteration]
    members = getattr(estimator, "estimators_", [estimator])
    return grown + [of_tree(member.tree_, 1.0) for member in members if hasattr(member, "tree_")]


def _splits(nodes: Nodes) -> tuple[Ints, Floats]:
    inner = ~nodes.leaf & np.isfinite(nodes.threshold)
    return nodes.feature[inner], nodes.threshold[inner]
