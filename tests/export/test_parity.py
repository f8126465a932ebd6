"""A lying export must not get a certificate: ways in which exports have really been wrong, and altered files."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from app.core.data import ColumnType
from app.core.runs import Task
from app.errors import ParityFailed
from app.export.numbers import Style
from app.export.parity import TIE, TOLERANCE, prove


def altered(model: bytes, change) -> bytes:
    """The file after ``change(proto)``, still one that opens."""
    proto = onnx.load_model_from_string(model)
    change(proto)
    return proto.SerializeToString(deterministic=True)


def change_tensor(name: str, change):
    """Change the values of a tree's tensor attribute."""

    def apply(proto) -> None:
        for node in proto.graph.node:
            for attribute in node.attribute:
                if attribute.name == name:
                    values = numpy_helper.to_array(attribute.t).copy()
                    attribute.t.CopyFrom(numpy_helper.from_array(change(values), name))

    return apply


def one_off(values: np.ndarray) -> np.ndarray:
    """The largest value moved by one part in a thousand."""
    values[np.argmax(np.abs(values))] *= 1.001
    return values


@pytest.mark.parametrize("name", ["cancer", "diabetes"])
def test_one_altered_leaf_is_found(table_named, name) -> None:
    table = table_named(name)
    model = table.fit("tree")
    certificate = table.prove(model, altered(table.export(model), change_tensor("target_weights_as_tensor", one_off)))
    assert not certificate.passed
    assert certificate.max_difference > TOLERANCE
    assert 0 < len(certificate.failing) <= 5 and "row" in certificate.failing[0]


def test_thresholds_rounded_to_float32_are_found(table_named) -> None:
    table = table_named("diabetes")
    model = table.fit("boosting", iterations=30)

    def up(values: np.ndarray) -> np.ndarray:
        return np.nextafter(values.astype(np.float32), np.float32(np.inf)).astype(np.float64)

    assert not table.prove(model, altered(table.export(model), change_tensor("nodes_values_as_tensor", up))).passed


def test_turning_missing_values_the_other_way_is_found(table_named) -> None:
    table = table_named("plane engines")
    model = table.fit("boosting", iterations=30)

    def turn(proto) -> None:
        for node in proto.graph.node:
            for attribute in node.attribute:
                if attribute.name == "nodes_missing_value_tracks_true":
                    turned = [1 - value for value in attribute.ints]
                    attribute.ints[:] = turned

    assert not table.prove(model, altered(table.export(model), turn)).passed


def test_swapped_labels_are_found(table_named) -> None:
    table = table_named("cancer")
    model = table.fit("linear")

    def swap(proto) -> None:
        for constant in proto.graph.initializer:
            if constant.data_type == onnx.TensorProto.STRING:
                constant.string_data[:] = list(reversed(constant.string_data))

    certificate = table.prove(model, altered(table.export(model), swap))
    assert not certificate.passed and certificate.differences_no_ties > 0 and certificate.max_difference < TOLERANCE


def test_a_category_forgotten_is_found(table_named) -> None:
    table = table_named("plane engines")
    model = table.fit("boosting", iterations=30)

    def forget(proto) -> None:
        encoder = next(node for node in proto.graph.node if node.op_type == "LabelEncoder")
        keys = next(a for a in encoder.attribute if a.name == "keys_strings")
        keys.strings[:] = [b"nothing" + key for key in keys.strings]

    assert not table.prove(model, altered(table.export(model), forget)).passed


def test_answers_that_are_no_numbers_are_found(table_named) -> None:
    table = table_named("diabetes")
    model = table.fit("linear")

    def spoil(proto) -> None:
        last = proto.graph.initializer[-1]
        last.CopyFrom(numpy_helper.from_array(np.full_like(numpy_helper.to_array(last), np.nan), last.name))

    certificate = table.prove(model, altered(table.export(model), spoil))
    assert not certificate.passed and certificate.nan_count == certificate.rows + certificate.probe_rows


def by_general_converter(model, table) -> bytes:
    """What a general converter makes of the same estimator: numbers side by side, labels inside."""
    options = {id(model.estimator): {"zipmap": False}}
    width = len(table.inputs)
    proto = to_onnx(
        model.estimator,
        np.zeros((1, width), dtype=np.float32),
        options=options,
        target_opset={"": 18, "ai.onnx.ml": 3},
    )
    names = [spec.input for spec in table.inputs]
    labels = numpy_helper.from_array(np.array(model.classes_, dtype=object), "texts")
    proto.graph.initializer.append(labels)
    inner = proto.graph.input[0].name
    join = onnx.helper.make_node("Concat", names, [inner], axis=1)
    likeliest = onnx.helper.make_node("ArgMax", ["probabilities"], ["likeliest"], axis=1, keepdims=0)
    name = onnx.helper.make_node("Gather", ["texts", "likeliest"], ["text_label"], axis=0)
    label = onnx.helper.make_node("Identity", ["text_label"], ["named"])
    nodes = [join, *proto.graph.node, likeliest, name, label]
    for node in nodes:
        renamed = {"label": "index", "output_label": "index", "named": "label"}
        node.output[:] = [renamed.get(output, output) for output in node.output]
        node.input[:] = [{"label": "index", "output_label": "index"}.get(i, i) for i in node.input]
    inputs = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [None, 1]) for n in names]
    outputs = [
        onnx.helper.make_tensor_value_info("label", onnx.TensorProto.STRING, [None]),
        onnx.helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, [None, len(model.classes_)]),
    ]
    graph = onnx.helper.make_graph(nodes, "lie", inputs, outputs, proto.graph.initializer)
    return onnx.helper.make_model(graph, opset_imports=list(proto.opset_import), ir_version=8).SerializeToString()


def with_holes(make_table, table_named):
    """Breast cancer with a third of the values missing where they are large: missing tells something."""
    table = table_named("cancer")
    x = {n: np.concatenate([table.x[n], table.x_out[n]])[:, 0].astype(np.float64) for n in list(table.x)[:6]}
    random = np.random.default_rng(0)
    for name, values in x.items():
        gone = (random.random(len(values)) < 0.5) & (values > np.median(values))
        x[name] = np.where(gone, np.nan, values)
    y = np.concatenate([table.y, table.y_out])
    return make_table(x, dict.fromkeys(x, ColumnType.NUMBER), y, Task.BINARY)


def direct(table, estimator):
    """A model whose estimator sees the numbers as they are, missing values too."""
    model = table.fit("boosting", iterations=30)
    assert model.columns.numbers.style is Style.DIRECT and len(model.columns.numbers.names) == len(table.inputs)
    codes = np.array([model.classes_.index(label) for label in table.y])
    model.estimator = estimator.fit(model._matrix(table.x), codes)
    return model


def test_a_general_converter_is_right_on_whole_rows_and_the_probes_find_where_it_is_not(table_named) -> None:
    table = table_named("cancer")
    model = direct(table, RandomForestClassifier(20, random_state=0))
    exported = by_general_converter(model, table)
    labels = model.classes_
    assert prove(model, exported, table.inputs, table.task, labels, table.x_out, table.x).passed
    assert not table.prove(model, exported).passed  # rows with missing values go another way


def test_a_forest_trained_on_missing_values_and_exported_without_their_way_is_found(make_table, table_named) -> None:
    table = with_holes(make_table, table_named)
    model = direct(table, RandomForestClassifier(20, random_state=0))
    certificate = table.prove(model, by_general_converter(model, table))
    assert not certificate.passed and certificate.differences_no_ties > 0
    assert table.prove(model, table.export(model)).passed  # ours keeps the way of missing values


def test_boosting_on_native_categories_is_refused(make_table) -> None:
    codes = np.random.default_rng(0).integers(0, 30, 2000)
    y = np.array(["yes" if code % 3 else "no" for code in codes], dtype=object)
    table = make_table({"k": codes.astype(np.float64)}, {"k": ColumnType.NUMBER}, y, Task.BINARY)
    model = direct(table, HistGradientBoostingClassifier(categorical_features=[0], max_iter=20))
    with pytest.raises(ParityFailed, match="native categories"):
        table.export(model)


def test_an_estimator_that_is_not_on_the_list_is_refused(table_named) -> None:
    from sklearn.naive_bayes import GaussianNB

    table = table_named("cancer")
    with pytest.raises(ParityFailed, match="GaussianNB"):
        table.export(direct(table, GaussianNB()))


def test_labels_of_a_tie_may_differ_and_no_others(table_named) -> None:
    table = table_named("cancer")
    model = table.fit("linear")
    model.estimator.coef_[:] = 0.0
    model.estimator.intercept_[:] = TIE / 4  # probabilities one tie apart on every row
    exported = table.export(model)
    model.estimator.intercept_[:] = -TIE / 4
    certificate = table.prove(model, exported)
    assert certificate.label_differences == certificate.rows + certificate.probe_rows
    assert certificate.differences_no_ties == 0 and certificate.passed
    model.estimator.intercept_[:] = -TIE * 2
    assert not table.prove(model, exported).passed


def test_a_file_for_other_columns_is_refused(table_named) -> None:
    one, other = table_named("cancer"), table_named("diabetes")
    with pytest.raises(ParityFailed, match="other columns"):
        one.prove(one.fit("tree"), other.export(other.fit("tree")))
