"""A molecule laid out for editing, and the doing of a plan: one copy, one sanitisation, one SMILES.

Hydrogens fill the lowest valence of an atom alone, so that nothing like `[SH](=O)(=O)` is left where a sulfone was cut.
Metals, what is bound to them, radicals and isotopes stay untouched. The mark of a stereocentre is kept where one
neighbour takes another's place, and dropped where the number of neighbours changes: the edit would decide what nobody
decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdkit import Chem

from concepts.edits.filters import ELEMENTS
from concepts.edits.plan import Plan, Product

CARBON: Final = 6
NITROGEN: Final = 7
OXYGEN: Final = 8
SULFUR: Final = 16
HALOGENS: Final = frozenset({9, 17, 35, 53})
_ORDERS: Final = {Chem.BondType.DOUBLE: 2, Chem.BondType.TRIPLE: 3}
_TYPES: Final = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE}
#: Bonds of a charged atom that an edit may change.
_CHARGED_VALENCES: Final = {(7, 1): 4, (8, -1): 1, (16, -1): 1, (7, -1): 2}
_CIS_OR_TRANS: Final = {
    Chem.BondStereo.STEREOZ: Chem.BondStereo.STEREOCIS,
    Chem.BondStereo.STEREOE: Chem.BondStereo.STEREOTRANS,
}
_TETRAHEDRAL: Final = (Chem.ChiralType.CHI_TETRAHEDRAL_CW, Chem.ChiralType.CHI_TETRAHEDRAL_CCW)


@dataclass(frozen=True, slots=True)
class Workbench:
    """A molecule of n atoms, ready to be edited many times."""

    mol: Chem.Mol
    """As it came, aromatic."""
    smiles: str
    """Canonical."""
    kekule: Chem.Mol
    """The same with single and double bonds; plain neutral atoms are free to change their hydrogens."""
    bonds: tuple[dict[int, int], ...]
    """For every atom its neighbours and the order of the bond to each, aromatic ones as in `kekule`."""
    elements: tuple[int, ...]
    charges: tuple[int, ...]
    hydrogens: tuple[int, ...]
    """On every atom."""
    aromatic: tuple[bool, ...]
    in_ring: tuple[bool, ...]
    ring_bonds: frozenset[tuple[int, int]]
    """Smaller number first."""
    rings: tuple[tuple[int, ...], ...]
    """In the order of the ring."""
    fixed: frozenset[int]
    """Atoms that no edit may touch: metals and what is bound to them, radicals, isotopes, and unusual charges."""
    place: tuple[int, ...]
    """Atoms with equal numbers are equivalent by symmetry."""
    stereo: bool
    """Whether anything is marked."""

    def order(self, a: int, b: int) -> int:
        """Order of the bond between two atoms, 0 for none."""
        return self.bonds[a].get(b, 0)

    def is_ring_bond(self, a: int, b: int) -> bool:
        """Whether the bond between two atoms lies in a ring."""
        return ((a, b) if a < b else (b, a)) in self.ring_bonds


def workbench(mol: Chem.Mol) -> Workbench:
    """Lay a molecule out.

    Parameters
    ----------
    mol
        Sanitised; it is not changed.
    """
    plain = Chem.RWMol(mol)
    Chem.Kekulize(plain, clearAromaticFlags=True)
    bonds: tuple[dict[int, int], ...] = tuple({} for _ in range(plain.GetNumAtoms()))
    _fix_double_bond_marks(plain)
    for bond in plain.GetBonds():
        a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        bonds[a][b] = bonds[b][a] = _ORDERS.get(bond.GetBondType(), 1)
    held = frozenset(
        atom.GetIdx()
        for atom in plain.GetAtoms()
        # What another ligand would do to a metal is no question of valences.
        if _stays(atom, sum(bonds[atom.GetIdx()].values()))
        or any(near.GetAtomicNum() not in ELEMENTS for near in atom.GetNeighbors())
    )
    for atom in plain.GetAtoms():
        index = atom.GetIdx()
        if (
            index not in held
            and not atom.GetFormalCharge()
            and sum(bonds[index].values()) <= lowest(atom.GetAtomicNum())
        ):
            _free_hydrogens(atom)
    info = mol.GetRingInfo()
    return Workbench(
        mol=mol,
        smiles=Chem.MolToSmiles(mol),
        kekule=plain.GetMol(),
        bonds=bonds,
        elements=tuple(atom.GetAtomicNum() for atom in mol.GetAtoms()),
        charges=tuple(atom.GetFormalCharge() for atom in mol.GetAtoms()),
        hydrogens=tuple(atom.GetTotalNumHs() for atom in mol.GetAtoms()),
        aromatic=tuple(atom.GetIsAromatic() for atom in mol.GetAtoms()),
        in_ring=tuple(info.NumAtomRings(index) > 0 for index in range(mol.GetNumAtoms())),
        ring_bonds=frozenset(
            (min(b.GetBeginAtomIdx(), b.GetEndAtomIdx()), max(b.GetBeginAtomIdx(), b.GetEndAtomIdx()))
            for b in mol.GetBonds()
            if info.NumBondRings(b.GetIdx())
        ),
        rings=tuple(tuple(ring) for ring in info.AtomRings()),
        fixed=held,
        place=tuple(Chem.CanonicalRankAtoms(mol, breakTies=False)),
        stereo=any(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED for atom in mol.GetAtoms())
        or any(bond.GetStereo() != Chem.BondStereo.STEREONONE for bond in mol.GetBonds()),
    )


def do(bench: Workbench, plan: Plan) -> Product | None:
    """Make the molecule of a plan.

    Parameters
    ----------
    bench
        The molecule that the plan was made for.
    plan
        One edit of it.

    Returns
    -------
    Product or None
        None where a valence does not allow it, an untouchable atom is touched, the molecule falls apart, or nothing
        changes.
    """
    if not bench.fixed.isdisjoint(plan.atoms) or not _valences_allow(bench, plan):
        return None
    n, removed = len(bench.elements), set(plan.remove)
    draft = Chem.RWMol(bench.kekule)
    marked = _marked_centres(draft, plan) if bench.stereo else {}
    for element, charge in plan.new:
        atom = Chem.Atom(element)
        atom.SetFormalCharge(charge)
        draft.AddAtom(atom)
    for index, element in plan.elements:
        draft.GetAtomWithIdx(index).SetAtomicNum(element)
    for index, charge in plan.charges:
        draft.GetAtomWithIdx(index).SetFormalCharge(charge)
    for a, b, order in plan.bonds:
        before = bench.bonds[a].get(b, 0) if a < n and b < n else 0
        if before and order:
            draft.GetBondBetweenAtoms(a, b).SetBondType(_TYPES[order])
        elif before:
            draft.RemoveBond(a, b)
        else:
            draft.AddBond(a, b, _TYPES[order])
    for index in plan.atoms:
        if index not in removed:
            _free_hydrogens(draft.GetAtomWithIdx(index))
    _restore_centres(draft, marked)
    if removed:
        draft.BeginBatchEdit()
        for index in removed:
            draft.RemoveAtom(index)
        draft.CommitBatchEdit()
    if Chem.SanitizeMol(draft, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
        return None
    if bench.stereo:
        Chem.SetDoubleBondNeighborDirections(draft)
        Chem.AssignStereochemistry(draft, cleanIt=True, force=True)
    smiles = Chem.MolToSmiles(draft)
    if smiles == bench.smiles or smiles.count(".") > bench.smiles.count("."):
        return None
    origin = tuple(i for i in range(n) if i not in removed) + (-1,) * len(plan.new)
    return Product(smiles, draft.GetMol(), plan, origin)


def lowest(element: int) -> int:
    """The lowest valence that RDKit knows, or -1 where it sets no limit."""
    return _valences(element)[0]


def bond_sum(bench: Workbench, atom: int) -> int:
    """Sum of the orders of an atom's bonds to heavy atoms."""
    return sum(bench.bonds[atom].values())


def _valences_allow(bench: Workbench, plan: Plan) -> bool:
    """Settle on numbers alone what sanitisation would refuse, and what it would repair with odd hydrogens."""
    n = len(bench.elements)
    change: dict[int, int] = dict.fromkeys(plan.atoms, 0)
    for atom in plan.remove:
        for near, order in bench.bonds[atom].items():
            change[near] = change.get(near, 0) - order
    gone = set(plan.remove)
    for a, b, order in plan.bonds:
        if a in gone or b in gone:
            continue
        difference = order - (bench.bonds[a].get(b, 0) if a < n and b < n else 0)
        for end in (a, b):
            if end < n:
                change[end] = change.get(end, 0) + difference
    elements, charges = dict(plan.elements), dict(plan.charges)
    for atom, difference in change.items():
        if atom in gone:
            continue
        before = sum(bench.bonds[atom].values())
        used = before + difference
        element, charge = elements.get(atom, bench.elements[atom]), charges.get(atom, bench.charges[atom])
        if charge:
            # Only an edit that says what becomes of the charge may change the bonds of a charged atom.
            if (difference and atom not in charges) or used > _CHARGED_VALENCES.get((element, charge), -1):
                return False
        elif used > lowest(element) and (element != bench.elements[atom] or used not in _valences(element)):
            return False
    return True


def _stays(atom: Chem.Atom, used: int) -> bool:
    element, charge = atom.GetAtomicNum(), atom.GetFormalCharge()
    if lowest(element) < 0 or atom.GetNumRadicalElectrons() or atom.GetIsotope():
        return True
    return bool(charge) and (element, charge) not in _CHARGED_VALENCES and used > 0


def _fix_double_bond_marks(mol: Chem.RWMol) -> None:
    """Tell cis and trans of two named neighbours, which stays true when the ranking behind E and Z changes."""
    for bond in mol.GetBonds():
        if bond.GetStereo() in _CIS_OR_TRANS:
            bond.SetStereo(_CIS_OR_TRANS[bond.GetStereo()])
        bond.SetBondDir(Chem.BondDir.NONE)


def _free_hydrogens(atom: Chem.Atom) -> None:
    atom.SetNoImplicit(False)
    atom.SetNumExplicitHs(0)


@cache
def _valences(element: int) -> tuple[int, ...]:
    return tuple(Chem.GetPeriodicTable().GetValenceList(element))


def _marked_centres(draft: Chem.RWMol, plan: Plan) -> dict[int, list[int]]:
    """Neighbours in order, of the marked centres whose bonds change; marks of double bonds there are dropped."""
    centres: dict[int, list[int]] = {}
    gone = set(plan.remove)
    for index in sorted({end for bond in plan.bonds for end in bond[:2]} - gone):
        if index >= draft.GetNumAtoms():
            continue
        atom = draft.GetAtomWithIdx(index)
        if atom.GetChiralTag() in _TETRAHEDRAL:
            centres[index] = [b.GetOtherAtomIdx(index) for b in atom.GetBonds()]
        for bond in atom.GetBonds():
            bond.SetStereo(Chem.BondStereo.STEREONONE)
    return centres


def _restore_centres(draft: Chem.RWMol, centres: dict[int, list[int]]) -> None:
    for index, before in centres.items():
        atom = draft.GetAtomWithIdx(index)
        now = [b.GetOtherAtomIdx(index) for b in atom.GetBonds()]
        gone, come = [i for i in before if i not in now], [i for i in now if i not in before]
        single = all(b.GetBondType() == Chem.BondType.SINGLE for b in atom.GetBonds())
        if not single or len(now) != len(before) or len(gone) > 1:
            atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
        elif gone and _is_odd([now.index(come[0] if i == gone[0] else i) for i in before]):
            atom.InvertChirality()


def _is_odd(permutation: Sequence[int]) -> bool:
    pairs = ((i, j) for j in range(len(permutation)) for i in range(j))
    return sum(permutation[i] > permutation[j] for i, j in pairs) % 2 == 1
