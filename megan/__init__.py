"""The self-explaining model: graphs in, predictions with their reasons out.

`from megan import Predictor` is the library; the name is resolved on first use so that importing the package is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from megan.predictor import Predictor, predict_rows, shipped_tasks

__all__ = ["Predictor", "predict_rows", "shipped_tasks"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from megan import predictor

        return getattr(predictor, name)
    raise AttributeError(f"module 'megan' has no attribute {name!r}")
