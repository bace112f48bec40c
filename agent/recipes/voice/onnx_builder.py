"""A small writer for ONNX graphs: every operation is a call that returns the name of its result."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 16  # the first with ScatterElements(reduction="add")
_IR_VERSION = 8

Attribute: TypeAlias = int | str | Sequence[int] | onnx.TensorProto


class GraphBuilder:
    """Collects nodes and constants; tensors are referred to by name."""

    def __init__(self) -> None:
        """Start an empty graph."""
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: npt.ArrayLike, dtype: npt.DTypeLike) -> str:
        """Add a constant and return its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add(self, operation: str, *inputs: str, output: str | None = None, **attributes: Attribute) -> str:
        """Add a node with one output and return that output's name."""
        name = output or f"{operation}_{len(self._nodes)}"
        node = helper.make_node(operation, list(inputs), [name])
        node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
        self._nodes.append(node)
        return name

    def cast(self, tensor: str, element_type: int) -> str:
        """Cast to an ONNX element type (`TensorProto.INT64`, …)."""
        return self.add("Cast", tensor, to=element_type)

    def integer(self, tensor: str) -> str:
        """Cast to int64, toward zero."""
        return self.cast(tensor, TensorProto.INT64)

    def real(self, tensor: str) -> str:
        """Cast to float32."""
        return self.cast(tensor, TensorProto.FLOAT)

    def slice(self, tensor: str, start: int, end: int) -> str:
        """Return `tensor[start:end]` along its first axis."""
        bounds = (self.constant([start], np.int64), self.constant([end], np.int64))
        return self.add("Slice", tensor, *bounds, self.constant([0], np.int64))

    def arange(self, count: str) -> str:
        """Return 0, 1, … up to the int64 scalar `count`."""
        return self.add("Range", self.constant(0, np.int64), count, self.constant(1, np.int64))

    def filled(self, shape: str, value: float, dtype: npt.DTypeLike) -> str:
        """Return a tensor of the given shape, full of `value`."""
        return self.add("ConstantOfShape", shape, value=numpy_helper.from_array(np.array([value], dtype)))

    def scalar(self, tensor: str) -> str:
        """Drop all dimensions of a tensor of one element."""
        return self.add("Reshape", tensor, self.constant([], np.int64))

    def flat(self, tensor: str) -> str:
        """Reshape to one dimension."""
        return self.add("Reshape", tensor, self.constant([-1], np.int64))

    def model(
        self, name: str, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto], producer: str
    ) -> onnx.ModelProto:
        """Return the checked model."""
        graph = helper.make_graph(self._nodes, name, inputs, outputs, self._constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name=producer
        )
        model.ir_version = _IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model
