"""One structure per row: the parent of a salt or mixture, neutralised and canonical, with a note on every change.

A salt and its free base behave alike once dissolved, and a model that saw salts of one class only would learn the salt
(every salt of the aggregation table is a negative). So the parent is the default, and what went is told. Tautomers stay
as drawn: no canonical tautomer is the one that acts. Nitro groups, N-oxides and quaternary nitrogen keep their charges.

The SMILES that comes out is a fixed point of reading and writing, so its atom order is the order of every mask.
"""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi, rdMolDescriptors
from rdkit.Chem.MolStandardize import rdMolStandardize

from datasets.counterions import counterion_name
from datasets.molecule import InputRow, Molecule, RowNote, RowProblem
from datasets.smiles import ParseFailure, parse

#: Elements of ordinary organic compounds; the tables that models learn from hold hardly any other.
USUAL_ELEMENTS: Final = frozenset({"H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "As", "Se", "Br", "I"})

_CHARGE = re.compile(r"\[[^\]]*[+-]")
_BRACKET_ELEMENT = re.compile(r"\[\d*([A-Z][a-z]?|[a-z]{1,2})")
_COVALENT_SALT = re.compile(r"\[(?:Li|Na|K|Rb|Cs|Mg|Ca|Sr|Ba)\]")
_SALT_METALS: Final = {3: 1, 11: 1, 19: 1, 37: 1, 55: 1, 12: 2, 20: 2, 38: 2, 56: 2}
_SHOWN: Final = 60


class Policy(enum.StrEnum):
    """What becomes of salts, mixtures and charges."""

    PARENT = "parent"
    """The largest organic fragment, counter-ions and solvents aside, neutralised."""
    AS_DRAWN = "as-drawn"
    """Everything that was drawn, canonical only."""


@dataclass(frozen=True, slots=True)
class StandardForm:
    """A structure and what was changed to get there."""

    smiles: str
    """As in `Molecule`."""
    notes: tuple[RowNote, ...]


def standardize(row: InputRow, policy: Policy = Policy.PARENT) -> Molecule | RowProblem:
    """Turn one input row into a molecule, or say why it is none; never raises and never prints.

    Parameters
    ----------
    row
        The structure as handed over.
    policy
        What becomes of salts, mixtures and charges.

    Returns
    -------
    Molecule or RowProblem
        The order of notes is the order in which things happened.
    """
    result = standard_form(row.text, policy)
    if isinstance(result, ParseFailure):
        return RowProblem(row=row.row, id=row.id, given=row.text, code=result.code, sentence=result.sentence)
    with rdBase.BlockLogs():
        inchikey = rdinchi.MolToInchiKey(Chem.MolFromSmiles(result.smiles))
    return Molecule(row=row.row, id=row.id, given=row.text, smiles=result.smiles, inchikey=inchikey, notes=result.notes)


def standard_form(text: str, policy: Policy = Policy.PARENT) -> StandardForm | ParseFailure:
    """As `standardize`, without the InChIKey, which takes longer than all else."""
    notes: list[RowNote] = []
    result = _standard_smiles(text, policy, notes)
    if isinstance(result, ParseFailure):
        return result
    return StandardForm(result, (*notes, *_unusual_elements(result)))


def standardize_rows(rows: Iterable[InputRow], policy: Policy = Policy.PARENT) -> list[Molecule | RowProblem]:
    """Standardise many rows, and note on each repeated structure the first row that has it.

    Parameters
    ----------
    rows
        The structures as handed over.
    policy
        What becomes of salts, mixtures and charges.

    Returns
    -------
    list of Molecule or RowProblem
        As many as rows, in their order.
    """
    first: dict[str, InputRow] = {}
    results: list[Molecule | RowProblem] = []
    for row in rows:
        result = standardize(row, policy)
        if isinstance(result, Molecule):
            earlier = first.setdefault(result.smiles, row)
            if earlier is not row:
                named = f" ({earlier.id})" if earlier.id else ""
                sentence = f"It is the same structure as row {earlier.row}{named}, counted from 0."
                result = replace(result, notes=(*result.notes, RowNote("duplicate_of_row", sentence)))
        results.append(result)
    return results


def parent_smiles(smiles: str, policy: Policy = Policy.PARENT) -> str | None:
    """Standardise one SMILES without InChIKey and notes; the quick form for training and screening.

    Returns
    -------
    str or None
        The SMILES that `standardize` gives; None where it gives a problem.
    """
    result = _standard_smiles(smiles, policy, None)
    return None if isinstance(result, ParseFailure) else result


def _standard_smiles(text: str, policy: Policy, notes: list[RowNote] | None) -> str | ParseFailure:
    mol = parse(text)
    if isinstance(mol, ParseFailure):
        return mol
    with rdBase.BlockLogs():
        if ":" in text:
            # Atom map numbers are labels of a drawing; a ring bond ':' may bring us here too and loses nothing.
            for atom in mol.GetAtoms():
                atom.SetAtomMapNum(0)
        written = Chem.MolToSmiles(mol)
        smiles = written if written == text else _fixed_point(written)
        if smiles is None:
            return ParseFailure("parse_error", "RDKit writes this structure in a form that it cannot read again.")
        if policy is Policy.AS_DRAWN or _is_parent(smiles):
            return smiles
        return _parent(smiles, notes if notes is not None else [])


def _is_parent(smiles: str) -> bool:
    """Tell from canonical text alone that there is nothing to strip or neutralise.

    Charges that stand only in nitro groups cannot be neutralised, and nitro groups are by far the most common charges.
    """
    if "." in smiles or _COVALENT_SALT.search(smiles):
        return False
    if "+" not in smiles and "-" not in smiles:
        return True
    return not _CHARGE.search(smiles.replace("[N+](=O)[O-]", "").replace("O=[N+]([O-])", ""))


def _fixed_point(smiles: str) -> str | None:
    """Read and write until the text stays; RDKit may need a second pass to settle stereo marks or aromatic rings.

    None where RDKit cannot read what it wrote, as for an aromatic ring that lost the charge its bonds needed.
    """
    seen = [smiles]
    while True:
        mol = Chem.MolFromSmiles(smiles)
        if mol is None:
            return None
        smiles = Chem.MolToSmiles(mol)
        if smiles == seen[-1]:
            return smiles
        if smiles in seen:
            # A cycle has no fixed point; its smallest member is at least the same one every time.
            return min(seen[seen.index(smiles) :])
        seen.append(smiles)


def _parent(smiles: str, notes: list[RowNote]) -> str:
    kept = _largest_organic_fragment(_split_covalent_salt(smiles), notes) or smiles
    neutral = _neutralised(kept)
    if neutral != kept:
        before, after = Chem.MolFromSmiles(kept), Chem.MolFromSmiles(neutral)
        notes.append(
            RowNote(
                "charge_neutralised",
                f"Charged atoms were neutralised: {_charges(before)} became {_charges(after)}.",
            )
        )
    return neutral


def _charges(mol: Chem.Mol) -> str:
    charged = sum(atom.GetFormalCharge() != 0 for atom in mol.GetAtoms())
    atoms = "no charged atom" if charged == 0 else f"{charged} charged atom{'s' if charged > 1 else ''}"
    return f"{atoms} (net charge {Chem.GetFormalCharge(mol):+d})".replace("+0", "0")


def _split_covalent_salt(smiles: str) -> str:
    """Draw an alkali or alkaline earth metal that is bonded to O, N or S as the ion that it is."""
    if not _COVALENT_SALT.search(smiles):
        return smiles
    mol = Chem.RWMol(Chem.MolFromSmiles(smiles))
    for bond in list(mol.GetBonds()):
        for metal, other in ((bond.GetBeginAtom(), bond.GetEndAtom()), (bond.GetEndAtom(), bond.GetBeginAtom())):
            if metal.GetAtomicNum() not in _SALT_METALS or other.GetAtomicNum() not in (7, 8, 16):
                continue
            if bond.GetBondType() != Chem.BondType.SINGLE or metal.GetDegree() > _SALT_METALS[metal.GetAtomicNum()]:
                continue
            metal.SetFormalCharge(metal.GetFormalCharge() + 1)
            other.SetFormalCharge(other.GetFormalCharge() - 1)
            mol.RemoveBond(metal.GetIdx(), other.GetIdx())
    return _fixed_point(Chem.MolToSmiles(mol)) or smiles


def _largest_organic_fragment(smiles: str, notes: list[RowNote]) -> str | None:
    """Keep the largest fragment with carbon, known counter-ions and solvents last.

    None where there is nothing to choose: a single fragment, or an inorganic salt, which has no parent and stays whole.
    """
    pieces = smiles.split(".")
    if len(pieces) == 1:
        return None
    ranked = []
    for piece in pieces:
        neutral = Chem.MolFromSmiles(_neutralised(piece))
        organic = any(atom.GetAtomicNum() == 6 for atom in neutral.GetAtoms())
        name = counterion_name(neutral)
        size = (organic, name is None, neutral.GetNumHeavyAtoms(), rdMolDescriptors.CalcExactMolWt(neutral), piece)
        ranked.append((size, name, piece))
    ranked.sort(reverse=True)
    size, _, kept = ranked[0]
    if not size[0]:
        return None
    others = [(name, piece) for _, name, piece in ranked[1:] if piece != ranked[0][2]]
    removed = Counter(name or f"the fragment {_shown(piece)}" for name, piece in others)
    copies = len(ranked) - 1 - len(others)
    listed = [f"{count} × {what}" if count > 1 else what for what, count in removed.items()]
    if copies:
        listed.append(f"{copies} more {'copies' if copies > 1 else 'copy'} of the kept structure")
    if all(name is not None for name, _ in others):
        notes.append(RowNote("salt_stripped", f"The parent was kept; removed: {', '.join(listed)}."))
    else:
        notes.append(RowNote("mixture_kept_largest", f"The largest part was kept; removed: {', '.join(listed)}."))
    return _fixed_point(kept)


def _shown(smiles: str) -> str:
    return smiles if len(smiles) <= _SHOWN else f"{smiles[:_SHOWN]}..."


def _neutralised(smiles: str) -> str:
    """Add or remove hydrogens until as few atoms as possible are charged; the text itself where that fails."""
    if not _CHARGE.search(smiles):
        return smiles
    mol = Chem.MolFromSmiles(smiles)
    neutral = Chem.MolToSmiles(rdMolStandardize.Uncharger(True).uncharge(mol))
    # Taking a charge out of an aromatic ring can leave a ring that no bonds fit; then it keeps the charge.
    return _fixed_point(neutral) or smiles


def _unusual_elements(smiles: str) -> list[RowNote]:
    if "[" not in smiles:
        return []
    found = {symbol.capitalize() for symbol in _BRACKET_ELEMENT.findall(smiles)} - USUAL_ELEMENTS
    table = Chem.GetPeriodicTable()
    return [
        RowNote(
            "unusual_element",
            f"It contains {table.GetElementName(table.GetAtomicNumber(symbol)).lower()} ({symbol}), "
            "which the models hardly know.",
        )
        for symbol in sorted(found)
    ]
