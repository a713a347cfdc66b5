"""Distances between explanation embeddings, and their principal components.

Embeddings leave a layer norm, so that hardly their lengths but their directions differ: the cosine distance is the one
that counts. It is half the squared Euclidean distance of unit vectors, so what clusters in one clusters in the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def unit(vectors: npt.ArrayLike) -> Doubles:
    """Vectors of length 1, (n, D); a vector of zeros stays one."""
    given = np.asarray(vectors, dtype=np.float64)
    scaled: Doubles = given / np.maximum(np.linalg.norm(given, axis=-1, keepdims=True), 1e-12)
    return scaled


def cosine_distances(embeddings: npt.ArrayLike, centroids: npt.ArrayLike) -> Doubles:
    """Cosine distance of every embedding to every centroid.

    Parameters
    ----------
    embeddings : (n, D)
    centroids : (C, D)

    Returns
    -------
    (n, C)
        0 (same direction) to 2 (opposite).
    """
    return np.clip(1.0 - unit(embeddings) @ unit(centroids).T, 0.0, 2.0)


@dataclass(frozen=True, slots=True)
class Reduction:
    """The directions in which unit vectors differ most."""

    origin: Floats
    """Shape (D,)."""
    axes: Floats
    """Shape (D, R), orthonormal columns, most telling first."""

    def __call__(self, embeddings: npt.ArrayLike) -> Doubles:
        """Coordinates of embeddings, (n, R)."""
        return (unit(embeddings) - self.origin) @ self.axes


def reduction(embeddings: npt.ArrayLike, components: int) -> Reduction:
    """Principal components of unit vectors; the same for any order of the rows up to rounding.

    Parameters
    ----------
    embeddings : (n, D)
    components
        How many, R; fewer than D leave columns of zeros out.
    """
    vectors = unit(embeddings)
    origin = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1])
    centred = vectors - origin
    _, directions = np.linalg.eigh(centred.T @ centred)
    axes = directions[:, ::-1][:, :components]
    # A direction and its opposite are equally good; the choice must not hang on the machine.
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return Reduction(origin.astype(np.float32), (axes * signs).astype(np.float32))
