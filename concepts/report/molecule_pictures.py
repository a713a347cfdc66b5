"""Molecules of a report, drawn as everywhere in the product and written briefly: a report holds hundreds of them."""

from __future__ import annotations

import re
from typing import Final

from rdkit import Chem, rdBase

from concepts.concept import Member
from megan.drawing import CHANNEL_COLOURS, draw_explanation, draw_molecule, draw_scale

WIDTH: Final = 210
HEIGHT: Final = 102
_PATH = re.compile(r"<path (?:class='[^']*' )?d='([^']*)' (style='[^']*'|fill='[^']*')\s*/>\s*")
_HALO = re.compile(r'<circle class="halo" ([^>]*?) fill="(#[0-9A-F]{6})" fill-opacity="([^"]*)"([^>]*)/>')
_HALOS = re.compile(r'(?:<circle class="halo"[^>]*/>)+')
_DEFAULTS: Final = ("fill-rule:evenodd;", "stroke-linecap:butt;", "stroke-linejoin:miter;", "stroke-opacity:1;")
"""What is so in an SVG without being said, or makes no difference to lines."""


def colour_of(channel: int) -> str:
    """Colour of a channel's heat."""
    return CHANNEL_COLOURS[channel % len(CHANNEL_COLOURS)]


def member_picture(member: Member, channel: int, width: int = WIDTH, height: int = HEIGHT) -> str:
    """A member with its mask; without it where the mask does not fit, and "" where the SMILES does not parse."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(member.smiles)
        if mol is None:
            return ""
        try:
            # A concept keeps the masks of atoms only.
            drawn = draw_explanation(
                member.smiles,
                member.mask,
                [0.0] * mol.GetNumBonds(),
                colour=colour_of(channel),
                width=width,
                height=height,
                title=member.smiles,
            )
        except ValueError:
            return structure_picture(member.smiles, width, height)
    return shortened(drawn)


def structure_picture(smiles: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """A structure without a mask; "" where the SMILES does not parse."""
    with rdBase.BlockLogs():
        try:
            return shortened(draw_molecule(smiles, width, height, title=smiles))
        except ValueError:
            return ""


def scale_picture(channel: int) -> str:
    """Legend of the masks."""
    return shortened(draw_scale(colour_of(channel)))


def heavy_atoms(smiles: str) -> int | None:
    """Heavy atoms of a SMILES; None where it does not parse."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    return None if mol is None else int(mol.GetNumHeavyAtoms())


def shortened(svg: str) -> str:
    """The same picture in about a third of the bytes: neighbouring lines of one style become one path.

    Inside HTML an SVG needs no namespace; without it no address stands in the document at all.
    """
    svg = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return _HALOS.sub(_halos, _paths(svg))


def _paths(svg: str) -> str:
    pieces: list[str] = []
    end, line, style = 0, "", ""

    def close() -> None:
        if line:
            pieces.append(f'<path d="{line}"{style}/>')

    for match in _PATH.finditer(svg):
        told = _style(match[2])
        if match.start() == end and told == style and line:
            line += _line(match[1])
        else:
            close()
            pieces.append(svg[end : match.start()])
            line, style = _line(match[1]), told
        end = match.end()
    close()
    return "".join(pieces) + svg[end:]


def _line(path: str) -> str:
    """Without spaces around commands, which need none."""
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", path.strip())


def _style(attribute: str) -> str:
    if attribute.startswith("fill="):
        # Letters; black is what a fill is anyway.
        return "" if attribute == "fill='#000000'" else f" {attribute}"
    style = attribute[len("style='") : -1].rstrip(";") + ";"
    for default in _DEFAULTS:
        style = style.replace(default, "")
    return f' style="{style.rstrip(";")}"'


def _halos(match: re.Match[str]) -> str:
    """One group with the colour that all halos of a picture share."""
    found = _HALO.findall(match[0])
    if len(found) != match[0].count("<circle") or len({colour for _, colour, _, _ in found}) != 1:
        return match[0]
    circles = "".join(f'<circle {place} fill-opacity="{depth}"{ring}/>' for place, _, depth, ring in found)
    return f'<g fill="{found[0][1]}">{circles}</g>'
