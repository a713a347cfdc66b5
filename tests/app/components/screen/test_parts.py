"""What the parts of the Screen page make of numbers: shares, plots, pictures, plates and previews."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from app.components.screen.pictures import picture
from app.components.screen.plate import plate_html
from app.components.screen.plots import output_figure, plane_figure, property_figure, value_figure
from app.components.screen.preview import Preview, preview, sentence
from app.components.screen.run import bad_in_words, progress_in_words
from app.components.screen.summary import alert_bars_html, concept_bars_html, head_html, reasons_html
from app.components.screen.table import Names, speaking_channel
from app.components.screen.words import headline, reason, share
from app.components.words import SPREAD_DISAGREES
from app.screening.columns import StoredColumn
from app.screening.page.picks import Placed
from app.screening.progress import RUNNING, Progress
from app.screening.results.counts import AlertCount, Bins, ConceptCount
from app.screening.results.sampling import Drawn
from app.screening.results.summary import SPLIT, Summary
from datasets.library import read_structures
from datasets.molecule import ERROR_CODES, WARNING_CODES
from datasets.standardize import Policy
from datasets.tasks import MUTAGENICITY, SOLUBILITY

DRAWN = Drawn(
    4,
    {"id": ["a", "<b>", "c"], "price": [1.0, None, 3.0]},
    {"Weight (g/mol)": [78.1, 123.1, 46.1], "logP (Crippen)": [1.7, 1.6, 0.0], "Aromatic rings": [1.0, 1.0, 0.0]},
)
VERDICTS = ["non-mutagenic", "mutagenic", "non-mutagenic"]


def test_every_code_of_a_row_has_words() -> None:
    for code in (*ERROR_CODES, *WARNING_CODES, "timeout", "crashed"):
        assert reason(code) != code.replace("_", " "), code
    assert reason("something_new") == "something new"


@pytest.mark.parametrize(
    ("count", "of", "said"),
    [(0, 0, "0 %"), (0, 9, "0 %"), (9, 9, "100 %"), (1, 1000, "under 1 %"), (999, 1000, "over 99 %"), (1, 3, "33 %")],
    ids=range(6),
)
def test_shares_are_never_rounded_to_none_or_all(count: int, of: int, said: str) -> None:
    assert share(count, of) == said


def test_a_committee_disagrees_at_the_same_spread_on_every_page() -> None:
    assert SPLIT == SPREAD_DISAGREES


def _summary(rows: int, molecules: int, repeats: int = 0) -> Summary:
    return Summary(rows, molecules, repeats, {"empty": rows - molecules} if rows - molecules else {}, {}, {}, ())


def test_headlines() -> None:
    assert headline(_summary(0, 0)) == "No row was screened."
    assert headline(_summary(3, 0)) == "None of the 3 rows could be predicted. The reasons are below."
    assert headline(_summary(3, 2, 1)) == "2 of 3 rows predicted, 1 could not be, 1 repeat an earlier row."
    assert reasons_html(_summary(3, 3)) == ""
    assert "no structure in the row" in reasons_html(_summary(3, 2))
    assert "Repeat" in head_html(_summary(3, 3), finished=True)
    assert "Repeat" not in head_html(_summary(3, 3), finished=False)


def test_bars_share_one_scale_and_escape_names() -> None:
    counts = [ConceptCount(f"mutagenic-{n:02d}", f"<ring {n}>", 100 - n, 10) for n in range(20)]
    markup = concept_bars_html(counts, MUTAGENICITY, "mutagenicity")
    assert markup.count("<li>") == 15
    assert "and 5 more concepts." in markup
    assert "width:100.00%" in markup
    assert "width:90.00%" in markup
    assert "&lt;ring 0&gt;" in markup
    assert "<ring" not in markup
    alerts = [AlertCount("alerts_pains", "<x>_y", 4, {"mutagenicity": 1}), AlertCount("alerts_brenk", "z", 2, {})]
    markup = alert_bars_html(alerts, MUTAGENICITY)
    assert 'wm-bar-1" style="width:25.00%' in markup
    assert 'wm-bar-plain" style="width:75.00%' in markup
    assert "&lt;x&gt; y" in markup
    assert "No molecule has any." in alert_bars_html([], None)


def _counts(figure: Any) -> int:
    return sum(len(trace.x) for trace in figure.data)


def test_properties_are_split_by_verdict() -> None:
    figure = property_figure(DRAWN, MUTAGENICITY, VERDICTS, ["price"])
    assert figure is not None
    assert [trace.name for trace in figure.data[:2]] == ["non-mutagenic", "mutagenic"]
    # Three properties of three molecules, and the two prices that are known.
    assert _counts(figure) == 3 * 3 + 2
    assert {note.text for note in figure.layout.annotations} == {*DRAWN.properties, "price"}
    assert property_figure(Drawn(0, {}, {"Weight (g/mol)": []}), MUTAGENICITY, [], []) is None


def test_values_stand_against_each_property() -> None:
    figure = value_figure(DRAWN, [-1.0, -2.0, -3.0], [], "log10 mol/L")
    assert figure is not None
    assert [list(trace.y) for trace in figure.data] == [[-1.0, -2.0, -3.0]] * 3
    assert value_figure(Drawn(0, {}, {}), [], [], "") is None


def test_plane_names_molecules_without_their_tags() -> None:
    figure = plane_figure(DRAWN, MUTAGENICITY, VERDICTS, DRAWN.columns["id"])
    assert [list(trace.text) for trace in figure.data] == [["a", "c"], ["&lt;b>"]]
    assert {trace.marker.symbol for trace in figure.data} == {"circle", "diamond"}


@pytest.mark.parametrize("threshold", [None, 0.3, 0.8])
def test_outputs_are_coloured_by_the_threshold(threshold: float | None) -> None:
    bins = Bins(tuple(n / 10 for n in range(11)), tuple(range(10)))
    figure = output_figure(bins, MUTAGENICITY, threshold)
    colours = figure.data[0].marker.color
    if threshold is None:
        assert isinstance(colours, str)
    else:
        assert len(set(colours)) == 2
        assert colours.index(colours[-1]) == round(threshold * 10)
    assert output_figure(bins, SOLUBILITY, None).layout.xaxis.title.text == "Predicted value (log10 mol/L)"


def _svg(address: str | None) -> str:
    assert address is not None
    return base64.b64decode(address.partition(",")[2]).decode()


def test_pictures_wear_the_channels_colour() -> None:
    plain = _svg(picture("CCO"))
    marked = _svg(picture("CCO", "0 50 100", 1))
    assert "#D55E00" in marked
    assert "#D55E00" not in plain
    assert "#0072B2" in _svg(picture("CCO", "0 50 100", 0))


@pytest.mark.parametrize(
    ("smiles", "mask"), [("no molecule", ""), ("no molecule", "1 2"), ("CCO", "1 2"), ("CCO", "a b c")]
)
def test_what_cannot_be_drawn_is_none(smiles: str, mask: str) -> None:
    assert picture(smiles, mask) is None


def _names(*keys: str) -> Names:
    return Names(tuple(StoredColumn(key, key, "text", False) for key in keys))


def test_the_channel_that_speaks_is_that_of_the_verdict_or_of_the_larger_part() -> None:
    names = _names("mutagenicity_verdict", "solubility_lowers_fidelity", "solubility_raises_fidelity")
    assert speaking_channel({"mutagenicity_verdict": "mutagenic"}, names, MUTAGENICITY) == 1
    assert speaking_channel({"mutagenicity_verdict": None}, names, MUTAGENICITY) == 0
    row = {"solubility_lowers_fidelity": None, "solubility_raises_fidelity": 0.2}
    assert speaking_channel(row, names, SOLUBILITY) == 1


def test_plate_has_a_place_for_every_well() -> None:
    names = _names("id", "mutagenicity_verdict", "mutagenicity_probability")
    known = {"id": "<i>", "mutagenicity_verdict": "mutagenic", "mutagenicity_probability": 0.9}
    markup = plate_html([Placed(1, "A01", 7), Placed(1, "P24", 8)], {7: known}, 384, names, MUTAGENICITY)
    svg = _svg(markup.partition('src="')[2].partition('"')[0])
    assert svg.count("<circle") == 384
    assert svg.count("<path") == 1
    assert "A01: &lt;i&gt; 0.90" in svg
    assert "Plate with 2 of 384 wells taken" in markup
    values = plate_html([Placed(1, "A01", 7)], {7: {"solubility_class": "soluble"}}, 96, names, SOLUBILITY)
    assert "Plate with 1 of 96 wells taken" in values


@pytest.mark.parametrize(
    ("rows", "molecules", "said"),
    [(1, 1, "The first row can be read."), (20, 20, "All of the first 20 rows"), (5, 3, "3 of the first 5 rows")],
    ids=range(3),
)
def test_preview_says_how_much_can_be_read(rows: int, molecules: int, said: str) -> None:
    import pandas as pd

    assert sentence(Preview(pd.DataFrame(), rows, molecules)).startswith(said)


def test_preview_follows_the_policy_and_stops_after_its_rows() -> None:
    content = b"smiles,a,a\n" + b"CC(=O)[O-].[Na+],1,2\n" * 30
    file = read_structures("a.csv", content=content)
    found = preview(file, Policy.AS_DRAWN)
    assert (found.rows, found.molecules) == (20, 20)
    assert list(found.table.columns) == ["structure", "read as", "own 0", "own 1", "own 2"]
    assert "hardly know" in found.table["read as"][0]
    assert "removed: sodium" in preview(file, Policy.PARENT).table["read as"][0]


def test_progress_in_words() -> None:
    assert progress_in_words(None) == "Reading the file and loading the models"
    assert progress_in_words(Progress(RUNNING, 10, 1, 110, rate=10.0)) == "10 of 110 rows, 10 a second, 10 s left"
    assert bad_in_words(0) == "Every row so far is a molecule."
    assert bad_in_words(1).startswith("1 row so far")
