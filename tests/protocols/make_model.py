"""Makes a model whose tensors are of many types: `make_model.py FOLDER`."""

import hashlib
import json
import pathlib
import sys

from onnx import TensorProto, checker, helper, numpy_helper
import numpy as np

NAME, VERSION, SIZE = "mixed", "7", 32


def build():
    value = helper.make_tensor_value_info
    inputs = [
        value("images", TensorProto.FLOAT, ["n", 3, SIZE, SIZE]),
        value("size", TensorProto.INT64, ["n", 2]),
    ]
    outputs = [
        value("vector", TensorProto.FLOAT, ["n", 3]),
        value("half", TensorProto.FLOAT16, ["n", 3]),
        value("area", TensorProto.INT64, ["n"]),
        value("bright", TensorProto.BOOL, ["n", 3]),
    ]
    nodes = [
        helper.make_node("ReduceMean", ["images", "plane"], ["vector"], keepdims=0),
        helper.make_node("Cast", ["vector"], ["half"], to=TensorProto.FLOAT16),
        helper.make_node("ReduceProd", ["size", "last"], ["area"], keepdims=0),
        helper.make_node("Greater", ["vector", "middle"], ["bright"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([2, 3], np.int64), "plane"),
        numpy_helper.from_array(np.array([1], np.int64), "last"),
        numpy_helper.from_array(np.array(0.5, np.float32), "middle"),
    ]
    graph = helper.make_graph(nodes, "mixed", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    checker.check_model(model)
    return model.SerializeToString()


def main(folder):
    data = build()
    target = pathlib.Path(folder, NAME, VERSION)
    target.mkdir(parents=True)
    (target / "mixed.onnx").write_bytes(data)
    manifest = {
        "name": NAME,
        "version": VERSION,
        "role": "vectors",
        "file": "mixed.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "input": {"size": [SIZE, SIZE]},
        "output": {"layout": "embed"},
    }
    (target / "manifest.json").write_text(json.dumps(manifest))


main(*sys.argv[1:])
