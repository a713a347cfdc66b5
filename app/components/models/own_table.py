"""The user's table on the train page: upload, columns, names, and what of the table can be used.

`ask` answers a `Draft` as soon as the table is one that can be trained on.
"""

from __future__ import annotations

import hashlib
import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pandas as pd
import streamlit as st

from app import theme
from app.components.inputs import ENDINGS, MOST_MEGABYTES
from app.components.markdown import plain
from app.components.words import plural
from app.training.runs import Asked
from datasets.class_words import normal_word
from datasets.library import StructureFile, read_structures
from datasets.measured_table import LEAST_MOLECULES, MeasuredTable, read_measured

#: Rows of the preview, and rows that a table may have on the page.
PREVIEW, MOST_ROWS = 20, 50_000
#: Cells of the preview are cut to this length.
_MOST_CELL = 120
_NO_SPLIT = "by scaffold"
_KINDS = {"classification": "Two classes", "regression": "A number"}
#: Names by which a column of labels is guessed.
LABEL_NAMES = ("label", "class", "active", "activity", "outcome", "result", "y", "target", "value")

_WHAT_TO_BRING = """<div class="wm-grid wm-three wm-bring">
<section class="wm-step"><h3>What the table needs</h3>
<div class="wm-scroll"><table class="wm-table"><thead><tr><th>smiles</th><th>active</th></tr></thead><tbody>
<tr><td><code>CC(=O)Oc1ccccc1C(=O)O</code></td><td>no</td></tr>
<tr><td><code>O=[N+]([O-])c1ccccc1</code></td><td>yes</td></tr></tbody></table></div>
<p>One molecule a row, and a column with what was measured: two classes (1 and 0, yes and no, active and inactive)
or a number.</p></section>
<section class="wm-step"><h3>What is left out, and said</h3>
<p>Rows without a measurement, SMILES that cannot be read, and molecules whose measurements contradict each other.
Repeated rows that agree are merged. You see the counts before anything starts.</p></section>
<section class="wm-step"><h3>What you get</h3>
<p>A committee of networks that marks the atoms behind each verdict, judged on molecules that it never saw. It is
offered on Predict and Models at once, and by name in the terminal. It stays on this machine.</p></section></div>"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A table that can be trained on, with what is asked."""

    asked: Asked
    name: str
    """File name as uploaded."""
    content: bytes
    measured: MeasuredTable


def ask() -> Draft | None:
    """Show the form; a draft once a readable table is there, else None."""
    upload = st.file_uploader(
        "Table with structures and measurements", type=list(ENDINGS), key="own-file", max_upload_size=MOST_MEGABYTES
    )
    st.caption(
        f"CSV, TSV, SMI, SDF or Parquet, each also gzipped, up to {MOST_MEGABYTES} MB and {MOST_ROWS:,} rows; at least "
        f"{LEAST_MOLECULES} molecules. Larger tables go through the command line. Nothing leaves this machine."
    )
    if upload is None:
        st.html(_WHAT_TO_BRING)
        return None
    content = upload.getvalue()
    try:
        file = read_structures(upload.name, content=content)
        head = list(islice(file, PREVIEW))
    except (ValueError, OSError) as problem:
        st.error(f"{plain(upload.name)} could not be read: {plain(str(problem))}")
        return None
    st.dataframe(
        preview(file.columns, [row.values for row in head]),
        hide_index=True,
        height=min(38 + 35 * len(head), 250),
        alt="The first rows of the table",
    )
    if len(head) == PREVIEW:
        st.caption(f"The first {PREVIEW} rows, as they are in the file.")
    asked = _columns_and_names(file, [row.values for row in head])
    if asked is None:
        return None
    measured = _check(upload.name, content, asked)
    return Draft(asked, upload.name, content, measured) if measured is not None else None


def preview(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """The head of a table as text; long cells, such as mol blocks, are cut."""
    cells = [["" if value is None else str(value)[:_MOST_CELL] for value in row] for row in rows]
    return pd.DataFrame(cells, columns=list(columns), dtype=str)


def guess_label(columns: Sequence[str], rows: Sequence[Sequence[object]], smiles: str | None) -> int:
    """Position of the column that most likely holds the labels: by its name, else the last that looks measured."""
    others = [i for i, name in enumerate(columns) if name != smiles]
    named = [i for i in others if columns[i].casefold() in LABEL_NAMES]
    if named:
        return named[0]
    likely = [i for i in others if guess_kind([row[i] for row in rows])]
    return (likely or others or [0])[-1]


def guess_kind(cells: Sequence[object]) -> str:
    """Classification, regression, or an empty text where the cells look like neither."""
    words = Counter(word for cell in cells if (word := normal_word(cell)))
    if not words:
        return ""
    numbers = sum(_is_number(word) for word in words)
    if len(words) <= 2 and sum(words.values()) > 2:
        return "classification"
    return "regression" if numbers >= len(words) / 2 else ""


def report_html(measured: MeasuredTable) -> str:
    """What becomes of the table: classes or range, splits, and everything that is left out."""
    task, table = measured.task, measured.table
    if task.kind == "classification":
        positive = int((table["label"] == 1).sum())
        found = (
            f"<span>{theme.mark(1, 12)}<b>{positive:,}</b> {html.escape(task.channels[1])}</span>"
            f"<span>{theme.mark(0, 12)}<b>{len(table) - positive:,}</b> {html.escape(task.channels[0])}</span>"
        )
    else:
        low, high = table["label"].min(), table["label"].max()
        found = f"<span>values from <b>{low:.3g}</b> to <b>{high:.3g}</b> {html.escape(task.unit)}</span>"
    sizes = "".join(
        f"<span><b>{int((table['split'] == name).sum()):,}</b> {words}</span>"
        for name, words in (("train", "to learn from"), ("valid", "to tune on"), ("test", "to judge by"))
    )
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in measured.report.sentences())
    return (
        f'<div class="wm-own-report"><p class="wm-summary">{found}{sizes}</p><ul class="wm-changes">{items}</ul></div>'
    )


def _columns_and_names(file: StructureFile, head: Sequence[Sequence[object]]) -> Asked | None:
    columns = list(file.columns)
    if not columns:
        st.error("The file has structures only; a column with what was measured is needed.")
        return None
    # Widgets of one file must not keep the choices made for another.
    of = hashlib.sha256(repr((file.name, columns)).encode()).hexdigest()[:8]
    first, second, third = st.columns(3)
    smiles = file.smiles_column
    if smiles is not None:
        smiles = first.selectbox("Column with SMILES", columns, index=columns.index(smiles), key=f"smiles-{of}")
    label = second.selectbox(
        "Column with what was measured", columns, index=guess_label(columns, head, smiles), key=f"label-{of}"
    )
    split = third.selectbox(
        "Split into train, valid and test",
        [_NO_SPLIT, *(f"by column {name}" for name in columns)],
        key=f"split-{of}",
        help="By scaffold: no ring system is both learned and judged. Or a column with train, valid and test.",
    )
    guessed = guess_kind([row[columns.index(label)] for row in head]) or "classification"
    first, second, third = st.columns(3)
    kind = first.segmented_control(
        "Measured as", list(_KINDS), format_func=_KINDS.__getitem__, default=guessed, required=True,
        key=f"kind-{of}-{columns.index(label)}",
    )  # fmt: skip
    title = second.text_input("Name of the model", value=label[:80], max_chars=80, key=f"title-{of}-{label}")
    positive = unit = ""
    if kind == "regression":
        unit = third.text_input("Unit", max_chars=40, key=f"unit-{of}", placeholder="e.g. log10 mol/L")
    else:
        positive = third.text_input(
            "A positive molecule is called", max_chars=40, key=f"positive-{of}", placeholder="e.g. blocker"
        )
    first, second, _ = st.columns(3)
    members = first.slider("Networks in the committee", 1, 5, 3, key="own-members")
    epochs = second.slider("Most epochs of each", 1, 100, 40, key="own-epochs")
    split_column = "" if split == _NO_SPLIT else split.removeprefix("by column ")
    return Asked(
        title.strip() or label[:80], smiles or "", label, str(kind), split_column, positive.strip(),
        unit.strip(), members, epochs,
    )  # fmt: skip


def _check(name: str, content: bytes, asked: Asked) -> MeasuredTable | None:
    """Read the whole table and say what is left out; None where it cannot be trained on, which is said too."""
    kept: dict[str, Any] = st.session_state.setdefault("own-checked", {})
    asks = (
        hashlib.sha256(content).hexdigest(), name, asked.smiles_column, asked.label_column, asked.kind,
        asked.split_column, asked.wording,
    )  # fmt: skip
    if kept.get("asks") != asks:
        place = st.empty()
        bar = place.progress(0.0, text="Checking the table")
        try:
            found: MeasuredTable | str = _read(name, content, asked, bar)
        except (ValueError, OSError) as problem:
            found = str(problem)
        place.empty()
        kept.update(asks=asks, found=found)
    found = kept["found"]
    if isinstance(found, str):
        st.error(f"This table cannot be learned from: {plain(found)}.")
        return None
    st.html(report_html(found))
    return found


def _read(name: str, content: bytes, asked: Asked, bar: Any) -> MeasuredTable:
    def show(rows: int) -> None:
        if rows > MOST_ROWS:
            raise ValueError(f"it has more than {plural(MOST_ROWS, 'row')}; expected fewer, or the command line")
        bar.progress(min(rows / MOST_ROWS, 1.0), text=f"Checking the table: {plural(rows, 'row')} so far")

    file = read_structures(name, content=content, smiles_column=asked.smiles_column or None)
    return read_measured(
        file,
        asked.label_column,
        asked.kind,
        split_column=asked.split_column or None,
        wording=asked.wording,
        progress=show,
    )


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
