"""A planner's own table of minutes: every layout it may come in, every fault it may have."""

from __future__ import annotations

import io
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import DataError
from geo.roads import table
from text import LANGS, catalogue

COMMUNES = pd.DataFrame({
    "commune_code": ["01700", "31120", "31149"], "commune": ["Xã Một", "Xã Hai", "Xã Ba"],
    "lon": [105.70, 105.80, 105.90], "lat": [10.00, 10.05, 10.10],
})  # fmt: skip
PREMISES = pd.DataFrame({
    "premises": ["tyt-01700", "tyt-31120", "benh_vien"], "commune_code": ["01700", "31120", "31120"],
    "lon": [105.70, 105.80, 105.81], "lat": [10.00, 10.05, 10.06],
})  # fmt: skip
ROWS = """01700,31120,26
01700,benh_vien,28
31120,01700,25
31120,benh_vien,4
31149,01700,55.5
31149,31120,27
31149,benh_vien,24
"""
WHOLE = f"from,to,minutes\n{ROWS}"
EXPECTED = np.array([[0, 26, 28], [25, 0, 4], [55.5, 27, 24]])


def headed(headings: str) -> str:
    return f"{headings}\n{ROWS}"


def matrix(text: str | bytes, name: str = "phut.csv", **how: bool) -> table.OwnMatrix:
    content = text if isinstance(text, bytes) else text.encode()
    return table.matrix(table.read(name, content), COMMUNES, PREMISES, **how)


def parquet(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


FRAME = pd.read_csv(io.StringIO(WHOLE), dtype={"from": str, "to": str})
BOOK = io.BytesIO()
FRAME.to_excel(BOOK, index=False)
LAYOUTS = {
    "comma": WHOLE.encode(),
    "semicolon, decimal comma": WHOLE.replace(",", ";").replace("55.5", "55,5").encode(),
    "tabs, UTF-16": WHOLE.replace(",", "\t").encode("utf-16"),
    "Vietnamese headings, UTF-8 with mark": WHOLE.replace(
        "from,to,minutes", "Xã đi,Cơ sở đến,Số phút"
    ).encode("utf-8-sig"),
    "Windows-1258": WHOLE.replace("from,to,minutes", "T\u01b0\u0300,\u0110\u00ea\u0301n,Phút").encode(
        "cp1258"
    ),
    "a title above, more columns": f"Bảng số phút,,,\nstt,from,to,minutes\n{ROWS}".replace("\n0", "\n1,0")
    .replace("\n3", "\n1,3")
    .encode(),
    "leading zeros lost": WHOLE.replace("01700", "1700").encode(),
    "empty rows": WHOLE.replace("31120,01700", ",,\n31120,01700").encode(),
    "a unit": WHOLE.replace("55.5", "55.5 phút").encode(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout):
    assert np.array_equal(matrix(LAYOUTS[layout]).minutes, EXPECTED)


def test_workbook_and_parquet():
    assert np.array_equal(matrix(BOOK.getvalue(), "phut.xlsx").minutes, EXPECTED)
    assert np.array_equal(matrix(parquet(FRAME), "phut.parquet").minutes, EXPECTED)
    numbers = FRAME.assign(**{"from": FRAME["from"].astype(int)})
    assert np.array_equal(matrix(parquet(numbers), "PHUT.PARQUET").minutes, EXPECTED)


def test_premises_go_before_their_commune():
    found = matrix(WHOLE)
    assert found.minutes[0, 2] == 28  # its own entry, not the 26 of its commune
    without = WHOLE.replace("01700,benh_vien,28\n", "")
    assert matrix(without).minutes[0, 2] == 26
    assert found.pairs == 7
    assert found.odd == ()


def test_between_premises_goes_by_their_communes():
    """No entry says how far the two premises of one commune are apart: it has to be given."""
    with pytest.raises(DataError, match="benh_vien → tyt-31120"):
        matrix(WHOLE, between=True)
    found = matrix(WHOLE + "benh_vien,31120,5\n", between=True)
    assert found.between is not None
    assert found.between.tolist() == [[0, 26, 28], [25, 0, 4], [25, 5, 0]]


def test_missing_pairs_are_left_open_only_where_that_is_said():
    text = WHOLE.replace("31149,01700,55.5\n", "")
    with pytest.raises(DataError, match=r"31149 → tyt-01700"):
        matrix(text)
    found = matrix(text, allow_missing=True)
    assert np.argwhere(np.isnan(found.minutes)).tolist() == [[2, 0]]


FAULTS = [
    ("format", WHOLE, "phut.docx", ".parquet", None),
    ("unreadable", "PAR1 not really", "phut.parquet", "", None),
    ("columns", WHOLE.replace("minutes", "km"), "phut.csv", "km", None),
    ("empty", "from,to,minutes\n,,\n", "phut.csv", "from", None),
    ("unknown_from", WHOLE + "99999,31120,5\n", "phut.csv", "99999", 9),
    ("unknown_to", WHOLE + "31120,nha_thuoc,5\n", "phut.csv", "nha_thuoc", 9),
    ("twice", WHOLE + "31149,31120,28\n", "phut.csv", "31149", 9),
    ("not_a_number", WHOLE.replace("55.5", "lâu"), "phut.csv", "lâu", 6),
    ("not_a_number", WHOLE.replace("55.5", ""), "phut.csv", "31149", 6),
    ("not_finite", WHOLE.replace("55.5", "inf"), "phut.csv", "inf", 6),
    ("negative", WHOLE.replace("55.5", "-5"), "phut.csv", "-5", 6),
    ("zero", WHOLE.replace("55.5", "0"), "phut.csv", "31149", 6),
    ("seconds", WHOLE.replace(",2", ",2000").replace("55.5", "3330"), "phut.csv", "km/h", 0),
    ("hours", WHOLE.replace(",2", ",0.2").replace("55.5", "0.9"), "phut.csv", "km/h", 0),
    ("absurd", WHOLE.replace("31120,01700,25", "31120,01700,260"), "phut.csv", "260", 4),
    ("missing", WHOLE[: WHOLE.index("31149")], "phut.csv", "3", 0),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "name", "shown", "row"), FAULTS)
def test_faults(code, text, name, shown, row):
    with pytest.raises(DataError) as caught:
        matrix(text, name)
    mine = [problem for problem in caught.value.problems if problem.code == f"matrix.{code}"]
    assert mine, caught.value
    if row:
        assert mine[0].where == f"{name}:{row}"
    for lang in LANGS:
        assert shown in mine[0].say(lang)


def test_too_large(monkeypatch):
    monkeypatch.setattr(table, "MOST_BYTES", 100)
    with pytest.raises(DataError, match="too large"):
        table.read("phut.csv", WHOLE.encode())
    monkeypatch.setattr(table, "MOST_BYTES", 10_000_000)
    monkeypatch.setattr(table, "MOST_ROWS", 3)
    with pytest.raises(DataError, match="5 million"):
        table.read("phut.parquet", parquet(FRAME))


def test_many_faults_are_counted_not_repeated():
    text = WHOLE + "".join(f"9{n:04},31120,5\n" for n in range(50))
    with pytest.raises(DataError) as caught:
        matrix(text)
    codes = [problem.code for problem in caught.value.problems]
    assert codes.count("matrix.unknown_from") == table.SHOWN
    assert caught.value.problems[-1].code == "matrix.more"
    assert caught.value.problems[-1].values == {"n": 30, "row": 29}


def test_all_faults_have_a_case():
    told = {key.removeprefix("error.matrix.") for key in catalogue() if key.startswith("error.matrix.")}
    cases = {code for code, *_ in FAULTS} | {"too_large", "more"}
    assert {code for code in told if not code.endswith(".remedy")} == cases


def test_odd_pairs_are_told_and_kept():
    found = matrix(WHOLE.replace("31120,01700,25", "31120,01700,99"))
    assert found.minutes[1, 0] == 99
    (told,) = found.odd
    assert "99.0" in told.en
    assert "26.0" in told.en


def test_a_commune_to_itself_may_take_time_and_premises_not():
    found = matrix(WHOLE + "31120,31120,6\n", between=True)
    assert found.minutes[1].tolist() == [25, 6, 4]
    assert found.between is not None
    assert np.diag(found.between).tolist() == [0, 0, 0]


@given(st.lists(st.floats(0.01, 1000), min_size=9, max_size=9))
def test_what_is_written_is_read_back_to_the_last_bit(values):
    minutes = np.array(values).reshape(3, 3)
    content = table.written(minutes, COMMUNES["commune_code"], PREMISES["premises"])
    pairs = table.read("phut.csv", content)
    assert pairs.minutes.tolist() == values
    assert pairs.start[:3] == ("01700",) * 3


def test_infinite_minutes_are_not_written():
    content = table.written(np.array([[math.inf, 2.0]]), ["a"], ["b", "c"])
    assert content.decode() == "from,to,minutes\na,c,2.0\n"
