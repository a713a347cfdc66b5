"""One message-passing layer of one explanation channel.

Source: MEGAN, Teufel et al. 2023, doi 10.1007/978-3-031-44067-0_18.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from datasets.atom_codes import BOND_FEATURES
from megan.graph import GraphBatch, add_ends, sum_incoming, sum_neighbours

N_BOND_ROWS = sum(f.size for f in BOND_FEATURES)


class AttentionLayer(nn.Module):
    """Messages along bonds, each weighted by a sigmoid attention that doubles as evidence for the bond.

    For the edge j -> i, with s_j the sum of the states of j's neighbours and e_ij the bond's features::

        z_ij = W [h_i || h_j || s_j || e_ij]
        a_ij = w . LeakyReLU(BatchNorm(z_ij))            attention logit
        m_ij = sigmoid(a_ij) * LeakyReLU(BatchNorm(z_ij))  message
        h'_i = LeakyReLU(BatchNorm(V [sum_j m_ij || h_i])) + h_i

    W is applied where its inputs live (atoms or bonds) and the parts are added on the edges, which is the same
    product at less than half the cost. Attention and message use different rows of W.

    Parameters
    ----------
    width
        Size D of the atom states.
    attention_width
        Hidden size of the attention logit.
    """

    def __init__(self, width: int, attention_width: int) -> None:
        super().__init__()
        hidden = width + attention_width
        self.width = width
        self.from_source = nn.Linear(2 * width, hidden, bias=False)
        self.from_destination = nn.Linear(width, hidden, bias=False)
        self.from_bond = nn.EmbeddingBag(N_BOND_ROWS, hidden, mode="sum")
        self.norm_edge = nn.BatchNorm1d(hidden)
        self.attention = nn.Linear(attention_width, 1)
        self.update = nn.Linear(2 * width, width, bias=False)
        self.norm_atom = nn.BatchNorm1d(width)
        self.activation = nn.LeakyReLU(0.01)
        nn.init.normal_(self.from_bond.weight, std=0.3)

    def start_messages(self, other: AttentionLayer) -> None:
        """Take over how another layer of this shape makes messages and updates atoms, and keep the own attention."""
        with torch.no_grad():
            for mine, theirs in (
                (self.from_source.weight, other.from_source.weight),
                (self.from_destination.weight, other.from_destination.weight),
                (self.from_bond.weight.T, other.from_bond.weight.T),
                (self.norm_edge.weight, other.norm_edge.weight),
                (self.norm_edge.bias, other.norm_edge.bias),
                (self.norm_edge.running_mean, other.norm_edge.running_mean),
                (self.norm_edge.running_var, other.norm_edge.running_var),
            ):
                assert mine is not None
                assert theirs is not None
                mine[: self.width] = theirs[: self.width]
        self.update.load_state_dict(other.update.state_dict())
        self.norm_atom.load_state_dict(other.norm_atom.state_dict())

    def forward(self, graph: GraphBatch, state: Tensor, attentive: bool = True) -> tuple[Tensor, Tensor]:
        """One round of messages.

        Parameters
        ----------
        state : (N, D)
        attentive
            Whether attention weighs the messages; else each counts half, as where its logit is 0.

        Returns
        -------
        state : (N, D)
        attention : (2M,)
            Logits; edges b and M + b are the two directions of bond b.
        """
        around = sum_neighbours(graph, state)
        source = self.from_source(torch.cat([state, around], dim=1))
        bond = self.from_bond(graph.bond_kinds).index_select(0, graph.kind_of_edge)
        hidden = add_ends(graph, source, self.from_destination(state)) + bond
        # A batch of single atoms has no edges, and batch statistics of nothing are undefined.
        hidden = self.activation(self.norm_edge(hidden) if len(hidden) > 1 or not self.training else hidden)
        logit = self.attention(hidden[:, self.width :]).squeeze(1)
        weight = torch.sigmoid(logit)[:, None] if attentive else 0.5
        messages = weight * hidden[:, : self.width]
        gathered = sum_incoming(graph, messages)
        updated = self.activation(self.norm_atom(self.update(torch.cat([gathered, state], dim=1))))
        return updated + state, logit
