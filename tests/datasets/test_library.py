"""Every format gives every row, in order, with the user's own columns; what is no library says so in a sentence."""

from __future__ import annotations

import gzip
import io
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rdkit import Chem

from datasets.library import SUFFIXES, StructureFile, read_structures
from datasets.molecule import RowProblem
from datasets.standardize import standardize

CSV = "id,smiles,activity\nA1,CCO,5.1\nA2,c1ccccc1O,\nA3,not a smiles,7\n"


def _read(name: str, content: str | bytes, **choice: str) -> StructureFile:
    return read_structures(name, content=content.encode() if isinstance(content, str) else content, **choice)


def _texts(file: StructureFile) -> list[str]:
    return [row.structure.text for row in file]


def _ids(file: StructureFile) -> list[str]:
    return [row.structure.id for row in file]


def test_a_csv_keeps_rows_order_and_columns() -> None:
    file = _read("x.csv", CSV)
    assert (file.format, file.columns, file.smiles_column, file.id_column) == (
        "csv",
        ("id", "smiles", "activity"),
        "smiles",
        "id",
    )
    assert [(row.structure.row, row.structure.id, row.structure.text, row.values) for row in file] == [
        (0, "A1", "CCO", ("A1", "CCO", "5.1")),
        (1, "A2", "c1ccccc1O", ("A2", "c1ccccc1O", "")),
        (2, "A3", "not a smiles", ("A3", "not a smiles", "7")),
    ]
    assert len(list(file)) == 3, "a second pass reads the file again"


def test_files_are_read_from_disk_gzipped_or_not(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(CSV)
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    (tmp_path / "packed.csv").write_bytes(gzip.compress(CSV.encode()))
    plain = read_structures(tmp_path / "x.csv")
    for name in ("x.csv.gz", "packed.csv"):
        file = read_structures(str(tmp_path / name))
        assert (file.columns, list(file)) == (plain.columns, list(plain))


def test_batches_cut_the_stream() -> None:
    file = _read("x.csv", CSV)
    assert [[row.structure.row for row in batch] for batch in file.batches(2)] == [[0, 1], [2]]
    with pytest.raises(ValueError, match="size is 0"):
        next(file.batches(0))


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16", b""),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("latin-1", b""),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, mark: bytes, end: str) -> None:
    text = end.join(["smiles,name", "CCO,Äthanol", "C1=CC=CC=C1,µ-Größe"])
    file = _read("x.csv", mark + text.encode(encoding))
    assert file.columns == ("smiles", "name")
    assert [row.values for row in file] == [("CCO", "Äthanol"), ("C1=CC=CC=C1", "µ-Größe")]


def test_a_latin1_sign_far_down_in_a_utf8_file() -> None:
    body = b"smiles,name\n" + "CCO,Äthanol\n".encode() * 20_000 + b"CCN,Caf\xe9 \x96\n"
    rows = list(_read("x.csv", body))
    assert rows[0].values[1] == "Äthanol"
    assert rows[-1].values[1] == "Café –"


def test_a_nul_inside_a_smiles_does_not_make_another_molecule() -> None:
    file = _read("x.csv", b"smiles,id\nCC\0O,a\nCCO\0\0,b\n")
    inside, padded = file
    assert isinstance(standardize(inside.structure), RowProblem)
    assert padded.structure.text == "CCO"


def test_quoted_cells_keep_delimiters_quotes_and_newlines() -> None:
    file = _read("x.csv", 'smiles,name,note\r\nCCO,"ethanol, ""pure""","two\r\nlines"\r\nCCN,x,y')
    assert [row.values for row in file] == [("CCO", 'ethanol, "pure"', "two\r\nlines"), ("CCN", "x", "y")]


@pytest.mark.parametrize("bad", ['"CCC,stray', 'CCC,"stray', 'CCC,"stray" more', 'CCC,5" nail'])
def test_a_stray_quote_costs_no_row(bad: str) -> None:
    body = "\n".join(["smiles,name", "CCO,a", bad, *[f"CCN,{i}" for i in range(500)], "CCF,z", ""])
    texts = _texts(_read("x.csv", body))
    assert len(texts) == 503
    assert texts[1] == "CCC"
    assert texts[2] == "CCN"
    assert texts[-1] == "CCF"


def test_two_stray_quotes_far_apart_cost_no_row() -> None:
    rows = ["CCO,a,1", '"CCC,b,2', *["CCN,c,3"] * 20, 'CCF,"d,4', "CCCl,e,5"]
    assert len(_texts(_read("x.csv", "\n".join(["smiles,name,n", *rows])))) == len(rows)


def test_short_and_long_records_lose_nothing() -> None:
    file = _read("x.csv", "smiles,name\nCCO\nCCN,amine, primary\nCCC,propane,,\n,\n")
    assert [row.values for row in file] == [("CCO", ""), ("CCN", "amine, primary"), ("CCC", "propane"), ("", "")]


def test_blank_lines_are_no_rows_and_the_last_newline_may_lack() -> None:
    assert _texts(_read("x.csv", "\n\nsmiles\nCCO\n\n  \nCCN")) == ["CCO", "CCN"]


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        ("smiles,SMILES,x,x", ("smiles", "SMILES", "x", "x_2")),
        ("smiles,x,x,x_2", ("smiles", "x", "x_3", "x_2")),
        ("smiles,,y,", ("smiles", "column_2", "y", "column_4")),
        (" smiles ,a, b,c", ("smiles", "a", "b", "c")),
    ],
)
def test_columns_are_named_once_and_none_is_lost(head: str, columns: tuple[str, ...]) -> None:
    file = _read("x.csv", f"{head}\nCCO,CCN,3,4\n")
    assert file.columns == columns
    assert next(iter(file)).values == ("CCO", "CCN", "3", "4")


@pytest.mark.parametrize(
    ("suffix", "sign"),
    # Not | in .txt: there it belongs to CXSMILES.
    [
        (suffix, sign)
        for suffix in (".csv", ".tsv", ".txt")
        for sign in (",", ";", "\t", "|")
        if suffix + sign != ".txt|"
    ],
)
def test_the_delimiter_is_found(suffix: str, sign: str) -> None:
    table = (("name", "SMILES", "v"), ("a", "CCO", "1"), ("b", "N", "2"))
    file = _read(f"x{suffix}", "\n".join(map(sign.join, table)))
    assert file.columns == ("name", "SMILES", "v")
    assert (_texts(file), _ids(file)) == (["CCO", "N"], ["a", "b"])


def test_excel_names_its_delimiter() -> None:
    file = _read("x.csv", "sep=;\r\nSMILES;Wert\r\nCCO;1,5\r\n")
    assert [row.values for row in file] == [("CCO", "1,5")]


def test_row_names_of_r_get_a_column() -> None:
    file = _read("x.tsv", "smiles\tname\n1\tCCO\tethanol\n2\tCCN\tamine\n")
    assert file.columns == ("column_1", "smiles", "name")
    assert _texts(file) == ["CCO", "CCN"]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Canonical SMILES,x\nCCO,CCN\n", "Canonical SMILES"),
        ("x,Isomeric_Smiles\nCCO,CCN\n", "Isomeric_Smiles"),
        ("Structure,x\nCCO,1\n", "Structure"),
        ("molecule,input\naspirin,CC(=O)Oc1ccccc1C(=O)O\n", "input"),
        ("a,b,c\n1,CCCO,foo\n2,CCCN,bar\n", "b"),
        ("code,b\nC,c1ccccc1\nN,CCCN\n", "b"),
        ("smiles,SMILES\nbad,CCO\n", "SMILES"),
        ("metabolite_smiles,smiles\nCCO,CCN\n", "smiles"),
        ("smiles\nbad\nworse\n", "smiles"),
    ],
)
def test_the_smiles_column_is_guessed_by_name_then_content(text: str, column: str) -> None:
    assert _read("x.csv", text).smiles_column == column


@pytest.mark.parametrize(
    ("head", "column"),
    [
        ("smiles,activity,Name,ID", "ID"),
        ("smiles,Compound Name,x,y", "Compound Name"),
        ("smiles,zinc_id,x,y", "zinc_id"),
        ("smiles,paid,valid,y", None),
    ],
)
def test_the_id_column_is_guessed(head: str, column: str | None) -> None:
    assert _read("x.csv", f"{head}\nCCO,1,2,3\n").id_column == column


def test_columns_can_be_chosen() -> None:
    file = _read("x.csv", "smiles,Product,n\nCCO,CCN,7\n", smiles_column="product", id_column="n")
    assert (file.smiles_column, file.id_column, _texts(file), _ids(file)) == ("Product", "n", ["CCN"], ["7"])
    with pytest.raises(
        ValueError, match=r"smiles_column is 'y'; expected one of the columns of x\.csv: smiles, Product, n"
    ):
        _read("x.csv", "smiles,Product,n\nCCO,CCN,7\n", smiles_column="y")
    with pytest.raises(ValueError, match="id_column is 'SMILES2'"):
        _read("x.csv", "smiles,Product,n\nCCO,CCN,7\n", id_column="SMILES2")


def test_a_table_without_header_loses_no_row() -> None:
    file = _read("x.csv", "CCO,ethanol\nCCN,ethylamine\nbad,x\n")
    assert file.columns == ("column_1", "column_2")
    assert _texts(file) == ["CCO", "CCN", "bad"]
    assert _texts(_read("y.csv", "C")) == ["C"]


def test_a_list_of_smiles() -> None:
    text = "CCO ethanol, pure\nC1CC\tcyclo propane\n\nCCN\n\tno structure\n  [Na+].[Cl-]   salt \nCC |c:1,2| named\n"
    for name in ("x.smi", "x.txt", "x.smi.gz", "x.smiles"):
        file = _read(name, gzip.compress(text.encode()) if name.endswith("gz") else text)
        assert (file.format, file.columns) == ("smi", ("smiles", "name"))
        assert [(row.structure.text, row.structure.id) for row in file] == [
            ("CCO", "ethanol, pure"),
            ("C1CC", "cyclo propane"),
            ("CCN", ""),
            ("", "no structure"),
            ("[Na+].[Cl-]", "salt"),
            ("CC", "named"),
        ]
        assert [row.structure.row for row in file] == list(range(6))


@pytest.mark.parametrize("head", ["SMILES ID", "smiles", "#SMILES name", "canonical_smiles name"])
def test_a_list_may_have_a_header(head: str) -> None:
    assert _texts(_read("x.smi", f"{head}\nCCO a\nCCN b\n")) == ["CCO", "CCN"]


def test_a_text_file_with_commas_is_a_table() -> None:
    assert _read("x.txt", "Compound ID,SMILES\na b,CCO\n").columns == ("Compound ID", "SMILES")
    assert _texts(_read("x.smi", "CCO,ethanol\nCCN,amine\n")) == ["CCO", "CCN"]


def _sdf(*entries: tuple[str, str, dict[str, str]]) -> str:
    text = ""
    for smiles, title, fields in entries:
        molecule = Chem.MolFromSmiles(smiles)
        molecule.SetProp("_Name", title)
        text += Chem.MolToMolBlock(molecule)
        text += "".join(f">  <{name}>  (1)\n{value}\n\n" for name, value in fields.items()) + "$$$$\n"
    return text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_sdf_entries_become_canonical_smiles_with_their_fields(end: str) -> None:
    text = _sdf(
        ("OCC", "ethanol", {"IC50": "5.1", "note": "> 3\ntwo lines"}),
        ("C[C@H](N)C(O)=O", "", {"late": "x"}),
        ("[Na+].[O-]C(=O)C", "salt", {}),
    )
    file = _read("x.sdf", text.replace("\n", end))
    assert (file.format, file.columns, file.smiles_column) == ("sdf", ("IC50", "note", "late"), None)
    assert [(row.structure.id, row.structure.text, row.values) for row in file] == [
        ("ethanol", "CCO", ("5.1", "> 3\ntwo lines", "")),
        ("", "C[C@H](N)C(=O)O", ("", "", "x")),
        ("salt", "CC(=O)[O-].[Na+]", ("", "", "")),
    ]


def test_unreadable_sdf_entries_are_rows_that_tell_why() -> None:
    broken = "bad\n\n\n  9  9  0  0  0  0  0  0  0  0999 V2000\nrubbish\nM  END\n> <k>\n7\n\n$$$$\n"
    valence = _sdf(("CC(C)(C)C", "neo", {})).replace(" C ", " F ", 1)
    text = broken + "not a mol block at all\n$$$$\n" + valence + _sdf(("CCO", "good", {})).removesuffix("$$$$\n")
    file = _read("x.sdf", text)
    rows = list(file)
    assert [row.structure.id for row in rows] == ["bad", "not a mol block at all", "neo", "good"]
    assert rows[0].values == ("7",)
    assert rows[0].structure.text.startswith("[unreadable mol block: ")
    assert rows[3].structure.text == "CCO"
    problems = [standardize(row.structure) for row in rows[:3]]
    assert [problem.code for problem in problems if isinstance(problem, RowProblem)][:2] == [
        "parse_error",
        "parse_error",
    ]


def test_sdf_names_come_from_a_field_where_titles_are_blank() -> None:
    text = _sdf(("CCO", "", {"CHEMBL_ID": "C1", "smi": "OCC"}), ("CCN", "", {"CHEMBL_ID": "C2"}))
    assert _ids(_read("x.sdf", text)) == ["C1", "C2"]
    assert _texts(_read("x.sdf", text, smiles_column="smi")) == ["OCC", ""]


def test_a_mol_file_is_one_entry() -> None:
    assert _texts(_read("x.mol", Chem.MolToMolBlock(Chem.MolFromSmiles("CCO")))) == ["CCO"]
    assert _texts(_read("x.mol", Chem.MolToV3KMolBlock(Chem.MolFromSmiles("CCO")))) == ["CCO"]


def _parquet(columns: dict[str, list[object]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_parquet_keeps_types(tmp_path: Path) -> None:
    content = _parquet({"n": [1, 2, 3], "SMILES": ["CCO", None, " CCN "], "id": ["a", None, "c"]})
    for name, data in (("x.parquet", content), ("x.parquet.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(data)
        file = read_structures(tmp_path / name)
        assert (file.format, file.columns, file.smiles_column, file.id_column) == (
            "parquet",
            ("n", "SMILES", "id"),
            "SMILES",
            "id",
        )
        assert [(r.structure.id, r.structure.text, r.values) for r in file] == [
            ("a", "CCO", (1, "CCO", "a")),
            ("", "", (2, None, None)),
            ("c", "CCN", (3, " CCN ", "c")),
        ]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.csv", b"", "x.csv is empty"),
        ("x.csv", b"\n \n", "x.csv is empty"),
        ("x.smi", b"\n", "x.smi is empty"),
        ("x.csv.gz", gzip.compress(b"", mtime=0), "x.csv.gz is empty"),
        ("x.csv", b"a,b\n1,2\n", "no column of x.csv holds SMILES; its columns are a, b"),
        ("x.csv", b"a,b\n", "no column of x.csv holds SMILES"),
        ("x.csv.gz", CSV.encode(), "ends with .gz, but its content is not gzip"),
        ("x.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:30], "gzip data of x.csv.gz are cut off or damaged"),
        ("x.csv.gz", b"\x1f\x8b" + bytes(40), "gzip data of x.csv.gz are cut off or damaged"),
        ("x.csv", b"PK\x03\x04rest", "looks like a spreadsheet"),
        ("x.csv", b"PAR1rest", "rename it"),
        ("x.parquet", b"PAR1 but no more", "x.parquet cannot be read as parquet"),
        ("x.parquet", _parquet({"n": [1]}), "no column of x.parquet holds SMILES"),
        ("x.sdf", b"some text\n$$$$\n", "holds no mol block"),
        ("x.sdf", b"\n\n", "x.sdf is empty"),
        ("x.xlsx", b"x", "unknown format; expected .csv"),
        ("x", b"x", "unknown format"),
    ],
)
def test_what_is_no_library_says_so(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace(".", r"\.")):
        _read(name, content)


def test_damage_further_on_is_said_after_the_good_rows() -> None:
    lines = "smiles\n" + "".join(f"{'C' * (i % 50 + 1)}\n" for i in range(200_000))
    content = gzip.compress(lines.encode())
    rows = iter(_read("x.csv.gz", content[: len(content) // 2]))
    assert next(rows).structure.text == "C"
    with pytest.raises(ValueError, match="cut off or damaged"):
        list(rows)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_structures(tmp_path / "x.csv")
    with pytest.raises(ValueError, match="is a folder"):
        read_structures(tmp_path)


def test_every_suffix_has_a_reader() -> None:
    content = {".sdf": _sdf(("CCO", "", {})), ".sd": _sdf(("CCO", "", {})), ".mol": _sdf(("CCO", "", {}))}
    for suffix in SUFFIXES:
        data = _parquet({"smiles": ["CCO"]}) if suffix in (".parquet", ".pq") else content.get(suffix, "smiles\nCCO\n")
        assert _texts(_read(f"X{suffix.upper()}", data)) == ["CCO"]


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux only")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def lines() -> Iterator[bytes]:
        yield b"smiles,name\n"
        for i in range(150_000):
            yield b'CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC%s,"n, %d"\n' % (b"C" * (i % 7), i)

    path = tmp_path / "big.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(lines())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(1 for _ in read_structures(path))
    assert count == 150_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000
