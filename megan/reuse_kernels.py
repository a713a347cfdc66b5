"""Compiled loops of the network over classes of surroundings; each is a few additions an edge, in one pass.

The matrix products between them are torch's. Sums may be taken in any order that suits the processor (`_ANY_ORDER`),
always the same one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from megan.class_numbers import Ids
from megan.prefetching import ask_for

Floats = npt.NDArray[np.float32]

_ANY_ORDER = {"reassoc", "contract", "nsz"}
_SLOPE = np.float32(0.01)
_ONE = np.float32(1)
_AHEAD = 8
"""How many classes ahead rows are asked for."""


class Kernels(NamedTuple):
    """Loops for one shape of layer."""

    sum_around: Callable[..., None]
    pass_messages: Callable[..., None]
    update_states: Callable[..., None]


@cache
def kernels_for(width: int, attended: int) -> Kernels:
    """The loops over the edges of a layer; with its sizes known, the compiler keeps whole rows in registers.

    Parameters
    ----------
    width
        Size D of states and messages.
    attended
        Hidden size of the attention logit; H = D + this.
    """
    hidden = width + attended

    @njit(cache=True, nogil=True, fastmath=_ANY_ORDER)
    def sum_around(below: Floats, state: Ids, offsets: Ids, neighbours: Ids, begin: int, end: int, out: Floats) -> None:
        """What each around class sends: what its state gives its own messages, and its neighbours' states to theirs.

        Parameters
        ----------
        below : (classes below, 3 H + D)
            What each state of the level below gives its own messages, its neighbours', its incoming edges, itself.
        state, offsets, neighbours
            As in `megan.surroundings.LevelRows` and `Level`.
        begin, end
            Which of the P around classes.
        out : (end - begin, H), written
        """
        for a in range(begin, end):
            if a + _AHEAD < end:
                soon = a + _AHEAD
                ask_for(below, state[soon], 0, hidden)
                for t in range(offsets[soon], offsets[soon + 1]):
                    ask_for(below, neighbours[t], hidden, 2 * hidden)
            row = out[a - begin]
            own = below[state[a]]
            first, last = offsets[a], offsets[a + 1]
            if last - first == 1:
                one = below[neighbours[first], hidden:]
                for d in range(hidden):
                    row[d] = own[d] + one[d]
            elif last - first == 2:
                one, two = below[neighbours[first], hidden:], below[neighbours[first + 1], hidden:]
                for d in range(hidden):
                    row[d] = own[d] + (one[d] + two[d])
            elif last - first == 3:
                one, two = below[neighbours[first], hidden:], below[neighbours[first + 1], hidden:]
                three = below[neighbours[first + 2], hidden:]
                for d in range(hidden):
                    row[d] = own[d] + (one[d] + two[d] + three[d])
            else:
                for d in range(hidden):
                    row[d] = own[d]
                for t in range(first, last):
                    one = below[neighbours[t], hidden:]
                    for d in range(hidden):
                        row[d] += one[d]

    @njit(cache=True, nogil=True, fastmath=_ANY_ORDER)
    def pass_messages(
        sent: Floats,
        below: Floats,
        of_bond: Floats,
        attention: Floats,
        attention_bias: float,
        before: Ids,
        offsets: Ids,
        source: Ids,
        bond: Ids,
        strongest_before: Floats,
        edges_before: Ids,
        begin: int,
        end: int,
        gathered: Floats,
        strongest: Floats,
    ) -> None:
        """Sum of the messages that reach each state class, and the largest logit so far of each of its edges.

        Parameters
        ----------
        sent : (P, H)
            From `sum_around`.
        below : (classes below, 3 H + D)
            As for `sum_around`.
        of_bond : (bond kinds, H)
        attention : (H - D,)
            Weights of the logit; the first D entries of H are the message.
        attention_bias
        before, offsets, source, bond
            As in `megan.surroundings.Level`.
        strongest_before
            `strongest` one level below; empty on the first level.
        edges_before
            As in `megan.surroundings.LevelRows`.
        begin, end
            Which of the Q state classes.
        gathered : (end - begin or more, D), written
        strongest : (edges of classes,), written
        """
        bias = np.float32(attention_bias)
        for c in range(begin, end):
            if c + _AHEAD < end:
                soon = c + _AHEAD
                ask_for(below, before[soon], 2 * hidden, 3 * hidden)
                for at in range(offsets[soon], offsets[soon + 1]):
                    ask_for(sent, source[at], 0, hidden)
            mine = below[before[c], 2 * hidden :]
            mine_attended = mine[width:]
            total = gathered[c - begin]
            for d in range(width):
                total[d] = 0
            for at in range(offsets[c], offsets[c + 1]):
                theirs, link = sent[source[at]], of_bond[bond[at]]
                theirs_attended, link_attended = theirs[width:], link[width:]
                logit = np.float32(0)
                for d in range(attended):
                    value = theirs_attended[d] + mine_attended[d] + link_attended[d]
                    logit += attention[d] * max(value, _SLOPE * value)
                logit += bias
                weight = _ONE / (_ONE + np.float32(math.exp(-logit)))
                for d in range(width):
                    value = theirs[d] + mine[d] + link[d]
                    total[d] += weight * max(value, _SLOPE * value)
                if len(strongest_before):
                    logit = max(logit, strongest_before[edges_before[c] + at - offsets[c]])
                strongest[at] = logit

    @njit(cache=True, nogil=True, fastmath=_ANY_ORDER)
    def update_states(
        gathered: Floats, bias: Floats, below: Floats, states: Floats, before: Ids, begin: int, end: int, out: Floats
    ) -> None:
        """New state of each class: LeakyReLU(gathered + what its state gives itself) + its state.

        Parameters
        ----------
        gathered : (end - begin, D)
        bias : (D,)
        below : (classes below, 3 H + D)
            As for `sum_around`.
        states : (classes below, D)
        before : (Q,)
            As in `megan.surroundings.Level`.
        begin, end
            Which of the Q state classes.
        out : (end - begin, D), written
        """
        for c in range(begin, end):
            if c + _AHEAD < end:
                soon = before[c + _AHEAD]
                ask_for(below, soon, 3 * hidden, 3 * hidden + width)
                ask_for(states, soon, 0, width)
            row, new, old, state = (
                out[c - begin],
                gathered[c - begin],
                below[before[c], 3 * hidden :],
                states[before[c]],
            )
            for d in range(width):
                value = new[d] + old[d] + bias[d]
                row[d] = max(value, _SLOPE * value) + state[d]

    return Kernels(sum_around, pass_messages, update_states)


@njit(cache=True, nogil=True)
def edge_importances(logits: Floats, begin: int, end: int) -> None:
    """Sigmoid of the logits of edges, in place."""
    for at in range(begin, end):
        logits[at] = _ONE / (_ONE + np.float32(math.exp(-logits[at])))


@njit(cache=True, nogil=True, inline="always")
def _damped(value: np.float32, faint: np.float32, steepness: np.float32) -> np.float32:
    return value / (_ONE + np.float32(math.exp(-steepness * (value - faint))))


@njit(cache=True, nogil=True, fastmath=_ANY_ORDER)
def pool_molecules(
    states: Floats,
    edges: Floats,
    gates: Floats,
    row_of_atom: Ids,
    edges_of_atom: Ids,
    offsets: Ids,
    start: Ids,
    reverse: Ids,
    of_bond: Ids,
    atom_offsets: npt.NDArray[np.int64],
    bond_offsets: npt.NDArray[np.int64],
    begin: int,
    end: int,
    faint: float,
    steepness: float,
    nodes_out: Floats,
    edges_out: Floats,
    pooled: Floats,
    whole: Floats,
) -> None:
    """Masks of the atoms and bonds of a block's molecules, and the sums of states, masked and, if asked for, whole.

    Parameters
    ----------
    states : (K, rows, D)
        After the last layer.
    edges : (K, classes' edges)
        After `edge_importances`.
    gates : (K, rows) or (K, 0)
        How far an atom speaks for itself; empty for a network without gates.
    row_of_atom, edges_of_atom, offsets, start, reverse, of_bond
        As in `megan.surroundings.Surroundings`.
    atom_offsets, bond_offsets : (G + 1,)
        As in `datasets.featurize.FlatBatch`.
    begin, end
        Which of the G molecules.
    faint, steepness
        Of the damping.
    nodes_out : (N, K), written
    edges_out : (M, K), written
    pooled : (K, G, D), written
        As the masks weigh the states.
    whole : (K, G, D), written, or (K, 0, D)
        Over all atoms alike.
    """
    n_channels, _, width = states.shape
    gated, summed = gates.shape[1] > 0, whole.shape[1] > 0
    half, centre, slope = np.float32(0.5), np.float32(faint), np.float32(steepness)
    for g in range(begin, end):
        largest = np.float32(1e-6)
        for i in range(atom_offsets[g], atom_offsets[g + 1]):
            own = edges_of_atom[i] - offsets[i]
            for k in range(n_channels):
                incoming, outgoing = np.float32(0), np.float32(0)
                for at in range(offsets[i], offsets[i + 1]):
                    j, back = start[at], reverse[at]
                    incoming = max(incoming, edges[k, own + at])
                    outgoing = max(outgoing, edges[k, edges_of_atom[j] + back - offsets[j]])
                raw = half * (incoming + outgoing)
                if gated:
                    raw *= gates[k, row_of_atom[i]]
                nodes_out[i, k] = raw
                largest = max(largest, raw)
        for k in range(n_channels):
            total = pooled[k, g]
            for d in range(width):
                total[d] = 0
            for i in range(atom_offsets[g], atom_offsets[g + 1]):
                mask = _damped(nodes_out[i, k] / largest, centre, slope)
                nodes_out[i, k] = mask
                row = states[k, row_of_atom[i]]
                for d in range(width):
                    total[d] += mask * row[d]
            if summed:
                everything = whole[k, g]
                for d in range(width):
                    everything[d] = 0
                for i in range(atom_offsets[g], atom_offsets[g + 1]):
                    row = states[k, row_of_atom[i]]
                    for d in range(width):
                        everything[d] += row[d]
        for b in range(bond_offsets[g], bond_offsets[g + 1]):
            there = of_bond[b]
            back = reverse[there]
            end_atom, begin_atom = start[back], start[there]
            one = edges_of_atom[end_atom] + there - offsets[end_atom]
            other = edges_of_atom[begin_atom] + back - offsets[begin_atom]
            for k in range(n_channels):
                share = half * (edges[k, one] + edges[k, other]) / largest
                edges_out[b, k] = _damped(min(share, _ONE), centre, slope)
