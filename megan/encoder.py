"""An encoder of atoms that has seen many molecules before it is asked about few: where a training may start from.

It is what one channel of the network is before its masks: the atom embedding and a stack of attention layers, whose
attention is off. The shipped one has learned to tell RDKit's descriptors of molecules from the states of their atoms
(`megan.pretraining`). A network takes its messages over and begins with an attention of its own, so that its masks
start from nothing that describes molecules, and differ between channels.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from megan.files import write_beside
from megan.graph import GraphBatch, sum_molecules
from megan.layers import AttentionLayer
from megan.model import LARGE_MOLECULE, N_ATOM_ROWS, Megan, ModelSettings

SHIPPED_ENCODER = Path(__file__).parent / "pretrained_encoder"
"""Folder of the encoder that comes with the package."""
WEIGHTS = "weights.safetensors"


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """What a network must share with an encoder to start from it."""

    width: int = 64
    layers: int = 3
    attention_width: int = 32

    def __post_init__(self) -> None:
        for field in ("width", "layers", "attention_width"):
            if getattr(self, field) < 1:
                raise ValueError(f"EncoderShape.{field} is {getattr(self, field)}; expected at least 1")

    def fits(self, model: ModelSettings) -> bool:
        """Whether a network of these settings can start from an encoder of this shape."""
        return all(getattr(self, field.name) == getattr(model, field.name) for field in dataclasses.fields(self))


class Encoder(nn.Module):
    """Atom embedding, attention layers, and a reader of whole molecules that only pretraining needs.

    Parameters
    ----------
    shape
        Sizes of the embedding and the layers.
    outputs
        Numbers that are told of a molecule.
    reader_width
        Hidden size of the reader.
    """

    def __init__(self, shape: EncoderShape, outputs: int, reader_width: int = 512) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.EmbeddingBag(N_ATOM_ROWS, shape.width, mode="sum")
        nn.init.normal_(self.embed.weight, std=0.3)
        self.stack = nn.ModuleList(AttentionLayer(shape.width, shape.attention_width) for _ in range(shape.layers))
        self.reader = nn.Sequential(
            nn.Linear(2 * shape.width + 1, reader_width),
            nn.SiLU(),
            nn.Linear(reader_width, reader_width),
            nn.SiLU(),
            nn.Linear(reader_width, outputs),
        )

    def forward(self, graph: GraphBatch) -> Tensor:
        """What is told of each molecule, (G, outputs)."""
        state = self.embed(graph.atoms)
        for layer in self.stack:
            state, _ = layer(graph, state, attentive=False)
        total, count = sum_molecules(graph, state), sum_molecules(graph, state.new_ones(len(state), 1))
        told: Tensor = self.reader(torch.cat([total / LARGE_MOLECULE, total / count, count / LARGE_MOLECULE], dim=1))
        return told

    def kept(self) -> dict[str, Tensor]:
        """The weights that a network starts from: embedding and layers, not the reader."""
        return {n: w.detach().cpu().contiguous() for n, w in self.state_dict().items() if not n.startswith("reader.")}


@dataclass(frozen=True, slots=True)
class PretrainedEncoder:
    """What a folder of an encoder holds."""

    card: Mapping[str, Any]
    """How it was made and how well it tells the descriptors of molecules that it has not seen."""
    shape: EncoderShape
    weights: Mapping[str, Tensor]
    """From `Encoder.kept`."""

    def start(self, model: Megan) -> None:
        """Put the weights into the embedding and the messages of every channel of a network; attention stays its own.

        Raises
        ------
        ValueError
            If the network has another shape.
        """
        if not self.shape.fits(model.settings):
            raise ValueError(
                f"ModelSettings has width {model.settings.width}, layers {model.settings.layers}, attention_width "
                f"{model.settings.attention_width}; expected {self.shape.width}, {self.shape.layers}, "
                f"{self.shape.attention_width} as the encoder has, or a training without it"
            )
        encoder = Encoder(self.shape, outputs=1, reader_width=1)
        reader = {n: w for n, w in encoder.state_dict().items() if n.startswith("reader.")}
        encoder.load_state_dict(reader | dict(self.weights))
        model.embed.load_state_dict(encoder.embed.state_dict())
        for stack in model.stacks:
            assert isinstance(stack, nn.ModuleList)
            for layer, pretrained in zip(stack, encoder.stack, strict=True):
                assert isinstance(layer, AttentionLayer)
                assert isinstance(pretrained, AttentionLayer)
                layer.start_messages(pretrained)


def save_encoder(folder: Path, card: Mapping[str, Any], encoder: Encoder) -> None:
    """Write weights and card; each file is written beside and renamed, the card last."""
    with write_beside(folder / WEIGHTS) as beside:
        safetensors.torch.save_file(encoder.kept(), beside)
    with write_beside(folder / "card.json") as beside:
        content = {"shape": dataclasses.asdict(encoder.shape), **card}
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def load_encoder(folder: Path = SHIPPED_ENCODER) -> PretrainedEncoder:
    """Read an encoder.

    Raises
    ------
    FileNotFoundError
        If the folder holds none.
    """
    file = folder / "card.json"
    if not file.is_file():
        raise FileNotFoundError(f"{folder.name} has no card.json; expected the folder of a pretrained encoder")
    card = json.loads(file.read_text(encoding="utf-8"))
    return PretrainedEncoder(card, EncoderShape(**card["shape"]), safetensors.torch.load_file(folder / WEIGHTS))
