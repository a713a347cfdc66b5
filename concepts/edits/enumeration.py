"""Every valid single edit of a molecule, each product once, under the name of its cheapest edit.

for product in edits_of(Chem.MolFromSmiles("O=[N+]([O-])c1ccccc1")):
    product.smiles, named(product.plan)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rdkit import Chem, rdBase

from concepts.edits.atoms import atom_edits
from concepts.edits.bonds import bond_edits
from concepts.edits.charges import charge_edits
from concepts.edits.filters import Baseline, baseline, complaint
from concepts.edits.groups import group_edits
from concepts.edits.plan import Plan, Product
from concepts.edits.rings import ring_edits
from concepts.edits.workbench import Workbench, do, workbench


def plans_of(bench: Workbench) -> list[Plan]:
    """All plans, cheapest first; several may make the same molecule, and some none at all."""
    return sorted(_plans(bench), key=lambda plan: plan.cost)


def _plans(bench: Workbench) -> Iterator[Plan]:
    for family in (atom_edits, bond_edits, ring_edits, group_edits, charge_edits):
        yield from family(bench)


def products(
    bench: Workbench, plans: Iterable[Plan], blameless: Baseline | None, known: Iterable[str] = ()
) -> Iterator[Product]:
    """Do plans, each molecule once.

    Parameters
    ----------
    bench
        What the plans were made for.
    plans
        Of plans that make the same molecule the first one names it.
    blameless
        From `concepts.edits.filters.baseline`; None switches the filters for reactive groups and strain off.
    known
        SMILES of molecules that are not wanted again.
    """
    seen = {bench.smiles, *known}
    for plan in plans:
        product = do(bench, plan)
        if product is None or product.smiles in seen:
            continue
        seen.add(product.smiles)
        if blameless is None or complaint(product, blameless) is None:
            yield product


def edits_of(mol: Chem.Mol, *, filtered: bool = True) -> list[Product]:
    """Every valid single edit of a molecule.

    Parameters
    ----------
    mol
        Sanitised; it is not changed.
    filtered
        Whether products with new reactive groups, strained rings or unusual elements are left out.

    Returns
    -------
    list of Product
        By the cost of their edits; no SMILES twice, and not the molecule itself.
    """
    with rdBase.BlockLogs():
        bench = workbench(mol)
        return list(products(bench, plans_of(bench), baseline(mol) if filtered else None))


def named(plan: Plan, origin: Sequence[int] | None = None) -> str:
    """What an edit does and where, for people: "replace NO2 by CN at atom 7".

    Parameters
    ----------
    plan
        The edit.
    origin
        For every atom of the edited molecule its number in the molecule that people see, or -1 for atoms that an
        earlier edit brought in; None if they see the edited molecule itself.

    Returns
    -------
    str
        Atoms are counted from 1.
    """
    at = [atom if origin is None else origin[atom] for atom in _place(plan)]
    seen = [str(atom + 1) for atom in at if atom >= 0]
    if not seen:
        return f"{plan.what} at the place of the edit before"
    if len(seen) == 1:
        return f"{plan.what} at atom {seen[0]}"
    return f"{plan.what} at atoms {seen[0]} and {seen[1]}"


def _place(plan: Plan) -> tuple[int, ...]:
    """The one or two atoms that tell where it is."""
    gone = set(plan.remove)
    ends = [atom for atom in plan.atoms if atom not in gone]
    return tuple(ends[:2]) if len(plan.atoms) - len(gone) >= 2 else tuple(ends[:1]) or plan.atoms[:1]
