"""Molecules of concepts as pictures: the mask, and a line around the region that makes them members. Pure functions."""

from __future__ import annotations

import html
from functools import lru_cache

from rdkit import Chem, rdBase

from app import theme
from app.components.concepts.region import region_of
from concepts.concept import Concept, Member
from concepts.report.molecule_pictures import colour_of, shortened, structure_picture
from megan.drawing import draw_explanation

#: An SVG that stands alone, as in an image, must say that it is one.
_ALONE = '<svg xmlns="http://www.w3.org/2000/svg" '


def alone(svg: str) -> str:
    """A drawing of the report, which stands inside HTML there, as a picture of its own."""
    return svg.replace("<svg ", _ALONE, 1)


def as_image(svg: str, alt: str, style: str = "") -> str:
    """A drawing of the report as an HTML image; a word in its place where there is none."""
    if not svg:
        return '<div class="wm-nostructure">no picture of this structure</div>'
    return theme.picture(alone(svg), alt, style)


def member_image(member: Member, concept: Concept, width: int = 220, height: int = 150) -> str:
    """A member with its mask and the outlined region; the plain structure where the mask does not fit."""
    region = region_of(member.smiles, member.mask, concept)
    svg = _masked(member.smiles, member.mask, concept.channel, region.atoms, width, height)
    return as_image(svg, f"Structure of a member, {', '.join(region.names) or 'its marked atoms'} outlined")


def structure_image(smiles: str, width: int = 220, height: int = 150) -> str:
    """A structure without a mask."""
    return as_image(_plain(smiles, width, height), "Structure")


def concept_image(concept: Concept, width: int = 220, height: int = 150) -> str:
    """The picture that stands for a concept: its nearest member, on which the mask can be seen."""
    return member_image(concept.members[0], concept, width, height)


def concept_data_uri(concept: Concept, width: int = 260, height: int = 180) -> str:
    """The same as a data address; an empty string where it cannot be drawn."""
    member = concept.members[0]
    region = region_of(member.smiles, member.mask, concept)
    svg = _masked(member.smiles, member.mask, concept.channel, region.atoms, width, height)
    return theme.as_data_uri(alone(svg)) if svg else ""


def code(smiles: str) -> str:
    """A SMILES as text that can be copied, in one line."""
    shown = html.escape(smiles)
    return f'<code class="wm-smiles" title="{html.escape(smiles, quote=True)}">{shown}</code>'


@lru_cache(maxsize=4096)
def _masked(
    smiles: str, mask: tuple[float, ...], channel: int, outlined: tuple[int, ...], width: int, height: int
) -> str:
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
        if mol is None:
            return ""
        try:
            # A concept keeps the masks of atoms only.
            drawn = draw_explanation(
                smiles,
                mask,
                [0.0] * mol.GetNumBonds(),
                colour=colour_of(channel),
                width=width,
                height=height,
                title=smiles,
                outlined=outlined,
            )
        except ValueError:
            return structure_picture(smiles, width, height)
    return shortened(drawn)


@lru_cache(maxsize=4096)
def _plain(smiles: str, width: int, height: int) -> str:
    return structure_picture(smiles, width, height)
