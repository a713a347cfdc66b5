"""Asks the processor for a part of a row before it is needed, since rows at random places come slowly from memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

_LINE: Final = 16
"""Numbers of single precision in a line of the cache."""


@intrinsic
def _ask_for_line(_typing: Any, table: Any, row: Any, column: Any) -> Any:  # noqa: ARG001  # numba wants them
    """Ask for the line of the cache that holds table[row, column]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        array = context.make_array(kind)(context, builder, arguments[0])
        places = list(arguments[1:])
        place = cgutils.get_item_pointer(context, builder, kind, array, places, wraparound=False)  # type: ignore[no-untyped-call]
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        form = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, form, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        # To read, into the nearest cache, as data.
        builder.call(function, [builder.bitcast(place, byte), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(table, types.intp, types.intp), generate


@njit(inline="always")
def ask_for(table: npt.NDArray[np.float32], row: int, first: int, last: int) -> None:
    """Ask for table[row, first:last]; changes no value."""
    for column in range(first, last, _LINE):
        _ask_for_line(table, row, column)  # type: ignore[call-arg]  # numba hands in the first
