"""How far counts that are split over communes are from the truth, by the population of the census of 2019.

The split takes the rate of registered persons to be the same everywhere: what is measured is the error in
population alone.  The census is kept outside the project, because its licence forbids passing it on.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from errors import DataError
from geo import demand, list_2019, reforms, units
from geo.names import split_type
from text import fold, tidy

CENSUS = Path(__file__).parents[3] / "shared" / "reference" / "census2019_population_by_commune_vn.csv"
WEIGHTS = {"Phường": 16900, "Thị trấn": 10100, "Xã": 7000}
"""As in the scenario files: mean population by type, rounded."""


def bare(name):
    return fold(split_type(name)[1])


@pytest.fixture(scope="module")
def census():
    """Persons by commune of early 2025, which is where the program splits: as `units.everywhere`, persons."""
    if not CENSUS.exists():
        pytest.skip(f"no census at {CENSUS}")
    frame = pd.read_csv(CENSUS, dtype={"commune_code_2019": str})
    frame = frame[frame["commune_type"].isin(WEIGHTS)]  # island districts without communes are no commune
    frame = frame.rename(
        columns={"wname": "commune", "dname": "district", "commune_code_2019": "commune_code"}
    )
    frame["district"] = frame["district"].map(tidy)
    frame["commune_code"] = frame["commune_code"].fillna("")
    frame["persons"] = frame["pop2019"].astype(int)
    provinces = {bare(name): code for code, name in units.provinces("2025-01").itertuples(index=False)}
    provinces["thuathienhue"] = provinces["hue"]
    found: dict[str, int] = {}
    for name, part in frame.groupby("pname"):
        rows = part[["commune", "district", "commune_code", "persons"]]
        try:
            carried = list_2019.carry(rows, provinces[bare(name)])
        except DataError as error:  # a few are not found under any name
            lost = {problem.where for problem in error.problems}
            rows = rows[~(rows["commune"].map(tidy) + ", " + rows["district"]).isin(lost)]
            carried = list_2019.carry(rows, provinces[bare(name)])
        found |= dict(zip(carried.counts["commune_code"], carried.counts["persons"], strict=True))
    listed = units.everywhere("2025-01")
    assert listed["commune_code"].isin(list(found)).mean() > 0.998
    listed = listed[listed["commune_code"].isin(list(found))]
    return listed.assign(persons=listed["commune_code"].map(found).astype(int))


def errors(part):
    """Error Σ|error| / Σ of the splits of one province.

    By type and in equal parts within districts, by population, and the whole province by type at once.
    """
    true = part.set_index("commune_code")["persons"]
    totals = part.groupby("district_code")["persons"].sum().to_dict()

    def error(weight, by_group):
        places = part.assign(group=part["district_code"], weight=weight)[["commune_code", "group", "weight"]]
        found = demand.spread(places, total=int(true.sum()), by_group=by_group)
        assert found["persons"].sum() == true.sum()
        return float(np.abs(found.set_index("commune_code")["persons"] - true).sum() / true.sum())

    by_type = part["commune_type"].map(WEIGHTS).astype(float)
    split = demand.split_totals(totals, part, WEIGHTS).set_index("commune_code")["persons"]
    shares = {
        "type": error(by_type, totals),
        "equal": error(1.0, totals),
        "whole": error(by_type, {}),
        "population": error(part["persons"].astype(float), totals),
    }
    assert shares["type"] == pytest.approx(np.abs(split - true).sum() / true.sum())
    return shares


# Measured when this was written, for the notes of scenario files.
@pytest.mark.parametrize(
    ("province", "by_type", "whole"),
    [("92", 0.297, 0.365), ("75", 0.423, 0.470), ("08", 0.302, 0.331)],
)
def test_how_far_the_split_is_off_in_the_three_provinces(census, province, by_type, whole):
    found = errors(census[census["province_code"] == province])
    print(f"{province}: " + ", ".join(f"{way} {share:.1%}" for way, share in found.items()))
    assert found["type"] == pytest.approx(by_type, abs=0.02)
    assert found["whole"] == pytest.approx(whole, abs=0.02)
    assert found["population"] == 0


@pytest.mark.parametrize(("province", "by_type"), [("92", 0.202), ("75", 0.309), ("08", 0.174)])
def test_larger_communes_of_july_2025_are_off_by_less(census, province, by_type):
    part = census[census["province_code"] == province]
    totals = part.groupby("district_code")["persons"].sum().to_dict()
    split = demand.split_totals(totals, part, WEIGHTS)
    true, found = (
        reforms.forward(dict(zip(frame["commune_code"], frame["persons"], strict=True))).counts
        for frame in (part, split)
    )
    assert list(true["commune_code"]) == list(found["commune_code"])
    error = float(np.abs(found["persons"] - true["persons"]).sum() / true["persons"].sum())
    print(f"{province}: {error:.1%} on {len(true)} communes of July 2025")
    assert error == pytest.approx(by_type, abs=0.02)


def test_how_far_the_split_is_off_over_all_provinces(census):
    found = pd.DataFrame({code: errors(part) for code, part in census.groupby("province_code")}).T
    people = census.groupby("province_code")["persons"].sum()
    mean = found.mul(people, axis=0).sum() / people.sum()
    told = ", ".join(f"{way} {mean[way]:.1%} (median {found[way].median():.1%})" for way in found)
    print(f"{len(found)} provinces: {told}")
    assert len(found) == 63
    assert mean["population"] == 0
    assert 0.2 < mean["type"] < 0.4
    assert mean["type"] < mean["whole"] < 0.5
    assert found["type"].between(0.05, 0.8).all()
