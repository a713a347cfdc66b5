"""What single atoms and bonds of SMARTS ask for, answered from feature codes: yes, no, or not to be told from them.

RDKit describes the query of an atom as a tree of tests. Each test on element, aromaticity, hydrogens, neighbours,
charge and rings is answered by an atom's codes. Of a recursive SMARTS the first atom is asked; what lies beyond
it, and rarer tests, count as "maybe". `atom_steps` is the same tree to be worked out where recursive SMARTS are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rdkit import Chem

_TEST = re.compile(r"(?P<name>\w+) (?P<value>-?\d+) (?P<relation>=|!=) val")
_AROMATIC: Final = 1000  # RDKit's AtomType is the atomic number, plus this for aromatic atoms
_SINGLE, _AROMATIC_BOND = 1, 12
_RECURSIVE: Final = {"RecursiveStructure val in ()": "AtomAnd", "RecursiveStructure val not in )": "not AtomAnd"}
_BEYOND: Final = "AtomBeyond"
"""What stands for the rest of a recursive SMARTS."""
_IN_RING: Final = "BondInRing 1 = val"
_ANY_RING: Final = -1
"""How RDKit writes that any number of rings will do."""
_RING_BONDS: Final = "AtomLeastRingBonds"
_EXACT_TESTS: Final = frozenset(
    {
        "AtomAtomicNum", "AtomType", "AtomHCount", "AtomTotalDegree", "AtomExplicitDegree", "AtomFormalCharge",
        "AtomIsAromatic", "AtomIsAliphatic", "AtomInRing", _RING_BONDS,
    }
)  # fmt: skip
_EXACT_BOND_TESTS: Final = frozenset({"BondOrder", "SingleOrAromaticBond", "BondInRing"})
AND: Final = "and"
OR: Final = "or"
NOT: Final = "not"

Answer = bool | None
"""None: maybe."""


@dataclass(frozen=True, slots=True)
class Recursive:
    """A recursive SMARTS, which an atom answers if it can be the first atom."""

    smarts: str


Step = str | Recursive
"""A test, a recursive SMARTS, or one of AND, OR and NOT, which take what the steps before left."""


@dataclass(frozen=True, slots=True)
class AtomFacts:
    """What feature codes tell of an atom without explicit hydrogens around it."""

    element: int
    degree: int
    hydrogens: int
    charge: int
    aromatic: bool
    ring_bonds: int
    """Bonds of the atom that lie in a ring."""

    @property
    def in_ring(self) -> bool:
        """Whether it lies in a ring."""
        return self.ring_bonds > 0


@dataclass(frozen=True, slots=True)
class BondFacts:
    """What feature codes tell of a bond."""

    order: int
    """RDKit's number of the bond type."""
    in_ring: bool


def atom_answer(description: str, atom: AtomFacts) -> Answer:
    """Whether an atom can be the one that a query describes.

    Parameters
    ----------
    description
        As `Atom.DescribeQuery` writes it; an empty one asks for nothing.
    atom
        What is known.
    """
    return _answer(description.splitlines(), lambda test: _atom_test(test, atom))


def bond_answer(description: str, bond: BondFacts) -> Answer:
    """Whether a bond can be the one that a query describes, as `Bond.DescribeQuery` writes it."""
    return _answer(description.splitlines(), lambda test: _bond_test(test, bond))


def atom_description(atom: Chem.Atom) -> str:
    """The query of an atom, or the plain test of one that has none; recursive SMARTS by their first atoms.

    Bonds in rings of the pattern, whose rings must be known, ask for as many bonds in rings.
    """
    asked = _own_description(atom)
    ring_bonds = sum(bond.IsInRing() for bond in atom.GetBonds())
    if not ring_bonds:
        return asked
    inner = "\n".join(f"  {line}" for line in asked.splitlines() if line.strip())
    return f"AtomAnd\n  {_RING_BONDS} {ring_bonds} = val\n{inner}"


def _own_description(atom: Chem.Atom) -> str:
    if not atom.HasQuery():
        return f"AtomType {atom.GetAtomicNum() + _AROMATIC * atom.GetIsAromatic()} = val"
    lines = [line for line in str(atom.DescribeQuery()).splitlines() if line.strip()]
    recursive = _recursive_parts(atom.GetSmarts())
    if len(recursive) != sum(line.strip() in _RECURSIVE for line in lines):
        return "\n".join(lines)
    expanded = []
    for line in lines:
        if line.strip() not in _RECURSIVE:
            expanded.append(line)
            continue
        indent = " " * _depth(line)
        inner = Chem.MolFromSmarts(recursive.pop(0))
        Chem.FastFindRings(inner)
        first = atom_description(inner.GetAtomWithIdx(0)).splitlines()
        rest = [_BEYOND] if inner.GetNumAtoms() > 1 else []
        expanded.append(indent + _RECURSIVE[line.strip()])
        expanded += [f"{indent}  {said}" for said in (*first, *rest)]
    return "\n".join(expanded)


def atom_steps(atom: Chem.Atom) -> list[Step] | None:
    """The query of an atom in steps, operators after what they join; None where a test is not to be told from codes."""
    if not atom.HasQuery():
        return [_own_description(atom)]
    lines = [line for line in str(atom.DescribeQuery()).splitlines() if line.strip()]
    recursive = _recursive_parts(atom.GetSmarts())
    if len(recursive) != sum(line.strip() in _RECURSIVE for line in lines):
        return None
    return _steps(lines, recursive) if lines else ["AtomNull"]


def _steps(lines: list[str], recursive: list[str]) -> list[Step] | None:
    """Of a tree of tests; takes its recursive SMARTS from the front of the list."""
    head = lines[0].strip()
    name = head.removeprefix("not ")
    steps: list[Step] = []
    if head in _RECURSIVE:
        steps.append(Recursive(recursive.pop(0)))
        return [*steps, NOT] if _RECURSIVE[head].startswith("not ") else steps
    if name not in ("AtomAnd", "AtomOr"):
        if not _is_exact(name):
            return None
        steps.append(name)
    for number, branch in enumerate(_branches(lines[1:], _depth(lines[0]) + 2)):
        inner = _steps(branch, recursive)
        if inner is None:
            return None
        steps += inner
        if number:
            steps.append(AND if name == "AtomAnd" else OR)
    return [*steps, NOT] if head != name else steps


def bond_is_exact(description: str) -> bool:
    """Whether codes always tell if a bond is the one that a query describes."""
    heads = [line.strip().removeprefix("not ") for line in description.splitlines() if line.strip()]
    tests = [head for head in heads if head not in ("BondAnd", "BondOr", "BondNull")]
    found = [_TEST.fullmatch(test) for test in tests]
    return all(test is not None and test["name"] in _EXACT_BOND_TESTS for test in found)


def _is_exact(test: str) -> bool:
    found = _TEST.fullmatch(test)
    if found is None:
        return test == "AtomNull"
    if found["name"] == "AtomInNRings":
        return int(found["value"]) in (_ANY_RING, 0)
    return found["name"] in _EXACT_TESTS


def _recursive_parts(smarts: str) -> list[str]:
    """The SMARTS inside each outermost "$(...)", in order."""
    parts, depth, start = [], 0, -1
    for at, sign in enumerate(smarts):
        if sign == "(" and start < 0 and at and smarts[at - 1] == "$":
            start, depth = at + 1, 0
        elif sign == "(":
            depth += 1
        elif sign == ")" and start >= 0:
            if depth == 0:
                parts.append(smarts[start:at])
                start = -1
            else:
                depth -= 1
    return parts


def bond_description(bond: Chem.Bond) -> str:
    """The query of a bond, or the plain test of one that has none.

    A bond in a ring of the pattern asks for a bond in a ring, since a ring is matched by rings only.
    """
    asked = str(bond.DescribeQuery()) if bond.HasQuery() else f"BondOrder {int(bond.GetBondType())} = val"
    if not bond.IsInRing():
        return asked
    inner = "\n".join(f"  {line}" for line in asked.splitlines() if line.strip())
    return f"BondAnd\n  {_IN_RING}\n{inner}"


def _answer(lines: list[str], test: Callable[[str], Answer]) -> Answer:
    lines = [line for line in lines if line.strip()]
    if not lines:
        return True
    depth = _depth(lines[0])
    head = lines[0].strip()
    negated = head.startswith("not ")
    name = head.removeprefix("not ")
    if name not in ("AtomAnd", "AtomOr", "BondAnd", "BondOr"):
        return test(name) if not negated else _not(test(name))
    answers = [_answer(branch, test) for branch in _branches(lines[1:], depth + 2)]
    joined = _all(answers) if name.endswith("And") else _not(_all([_not(answer) for answer in answers]))
    return _not(joined) if negated else joined


def _branches(lines: list[str], depth: int) -> list[list[str]]:
    branches: list[list[str]] = []
    for line in lines:
        if _depth(line) == depth:
            branches.append([])
        branches[-1].append(line)
    return branches


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _all(answers: list[Answer]) -> Answer:
    if False in answers:
        return False
    return None if None in answers else True


def _not(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _atom_test(text: str, atom: AtomFacts) -> Answer:
    if text == "AtomNull":
        return True
    found = _TEST.fullmatch(text)
    if found is None:
        return None
    name, value = found["name"], int(found["value"])
    values = {
        "AtomAtomicNum": atom.element,
        "AtomType": atom.element + _AROMATIC * atom.aromatic,
        "AtomHCount": atom.hydrogens,
        "AtomTotalDegree": atom.degree + atom.hydrogens,
        "AtomExplicitDegree": atom.degree,
        "AtomFormalCharge": atom.charge,
        "AtomIsAromatic": int(atom.aromatic),
        "AtomIsAliphatic": int(not atom.aromatic),
        "AtomInRing": int(atom.in_ring),
    }
    if name == "AtomInNRings" and value == _ANY_RING:
        return _related(found["relation"], atom.in_ring)
    if name == "AtomInNRings" and value >= 0 and not (atom.in_ring and value):
        # How many rings is not known, but whether there is one.
        return _related(found["relation"], not atom.in_ring and value == 0)
    if name == _RING_BONDS:
        return atom.ring_bonds >= value
    if name not in values:
        return None
    return _related(found["relation"], values[name] == value)


def _bond_test(text: str, bond: BondFacts) -> Answer:
    if text == "BondNull":
        return True
    found = _TEST.fullmatch(text)
    if found is None:
        return None
    name, value = found["name"], int(found["value"])
    if name == "BondOrder":
        return _related(found["relation"], bond.order == value)
    if name == "SingleOrAromaticBond":
        return _related(found["relation"], (bond.order in (_SINGLE, _AROMATIC_BOND)) == bool(value))
    if name == "BondInRing":
        return _related(found["relation"], bond.in_ring == bool(value))
    return None


def _related(relation: str, equal: bool) -> bool:
    return equal if relation == "=" else not equal
