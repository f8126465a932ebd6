"""What ONNX Runtime has not opened is no model; what lies in other files is refused."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

from app.errors import ParityFailed
from app.export.onnx_model import OnnxModel, refuse_external_data


def small(node: onnx.NodeProto, *constants: TensorProto, domains: tuple[str, ...] = ("",)) -> onnx.ModelProto:
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("c0", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])],
        constants,
    )
    opsets = [helper.make_opsetid(domain, 1 if domain else 18) for domain in domains]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def added(constant: TensorProto) -> onnx.ModelProto:
    return small(helper.make_node("Add", ["c0", "k"], ["value"]), constant)


def external() -> TensorProto:
    constant = numpy_helper.from_array(np.ones((1, 1), dtype=np.float32), "k")
    set_external_data(constant, "elsewhere.bin", offset=0, length=4)
    constant.ClearField("raw_data")
    return constant


def test_a_small_model_answers() -> None:
    model = OnnxModel(added(numpy_helper.from_array(np.ones((1, 1), dtype=np.float32), "k")).SerializeToString())
    assert model.predict({"c0": np.array([[1.0], [2.0]], dtype=np.float32)})[0].tolist() == [2.0, 3.0]


def test_batches_make_no_difference() -> None:
    constant = numpy_helper.from_array(np.ones((1, 1), dtype=np.float32), "k")
    model = OnnxModel(added(constant).SerializeToString(), width=10_000_000)
    rows = np.arange(1000, dtype=np.float32)[:, None]
    assert model.predict({"c0": rows})[0].tolist() == (rows[:, 0] + 1).tolist()


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04 not onnx", b"\x00" * 100])
def test_other_bytes_are_refused(broken) -> None:
    with pytest.raises(ParityFailed):
        OnnxModel(broken)


def test_a_cut_file_is_refused(table_named) -> None:
    table = table_named("cancer")
    whole = table.export(table.fit("tree"))
    for share in (0.3, 0.9, 0.99):
        with pytest.raises(ParityFailed):
            OnnxModel(whole[: int(len(whole) * share)])


def test_an_unknown_operator_is_refused_though_the_checker_accepts_it() -> None:
    model = small(helper.make_node("Nothing", ["c0"], ["value"], domain="far.away"), domains=("", "far.away"))
    onnx.checker.check_model(model)
    with pytest.raises(ParityFailed, match="cannot be opened"):
        OnnxModel(model.SerializeToString())


def test_constants_in_another_file_are_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere.bin").write_bytes(np.ones(1, dtype=np.float32).tobytes())
    with pytest.raises(ParityFailed, match="another file"):
        OnnxModel(added(external()).SerializeToString())


def test_constants_of_an_inner_graph_in_another_file_are_refused() -> None:
    inner = helper.make_graph([], "inner", [], [helper.make_tensor_value_info("k", TensorProto.FLOAT, [1, 1])])
    inner.initializer.append(external())
    node = helper.make_node("If", ["c0"], ["value"], then_branch=inner, else_branch=inner)
    with pytest.raises(ParityFailed, match="another file"):
        refuse_external_data(small(node).SerializeToString())


def test_a_tensor_attribute_in_another_file_is_refused() -> None:
    node = helper.make_node("Constant", [], ["value"], value=external())
    with pytest.raises(ParityFailed, match="another file"):
        refuse_external_data(small(node).SerializeToString())
