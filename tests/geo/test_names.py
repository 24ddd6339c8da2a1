import unicodedata

import pandas as pd
import pytest

from errors import DataError
from geo import units
from geo.names import find_commune, find_district, fold_name, near, split_type


@pytest.fixture(scope="module")
def can_tho():
    return units.communes("92", "2025-01")


def listed(*names, district="Huyện Một"):
    return pd.DataFrame(
        {
            "commune_code": [f"{n:05d}" for n in range(1, len(names) + 1)],
            "commune": names,
            "district_code": "001",
            "district": district,
        }
    )


@pytest.mark.parametrize(
    ("name", "kind", "rest"),
    [
        ("Phường Phú Thứ", "Phường", "Phú Thứ"),
        ("phuong Phu Thu", "Phường", "Phu Thu"),
        ("P. Phú Thứ", "Phường", "Phú Thứ"),
        ("P.Phú Thứ", "Phường", "Phú Thứ"),
        ("P.1", "Phường", "1"),
        ("P1", "Phường", "1"),
        ("Phú Thứ", "", "Phú Thứ"),
        ("TT. Cờ Đỏ", "Thị trấn", "Cờ Đỏ"),
        ("TT Cờ Đỏ", "Thị trấn", "Cờ Đỏ"),
        ("Thị trấn Cờ Đỏ", "Thị trấn", "Cờ Đỏ"),
        ("X. Thới Hưng", "Xã", "Thới Hưng"),
        ("Xuân Hòa", "", "Xuân Hòa"),
        ("Xã  Xuân Hòa", "Xã", "Xuân Hòa"),
        ("Đặc khu Phú Quốc", "Đặc khu", "Phú Quốc"),
        ("H. Cờ Đỏ", "Huyện", "Cờ Đỏ"),
        ("Hòa An", "", "Hòa An"),
        ("Q. Ninh Kiều", "Quận", "Ninh Kiều"),
        ("Q1", "Quận", "1"),
        ("TP. Cần Thơ", "Thành phố", "Cần Thơ"),
        ("TX Long Mỹ", "Thị xã", "Long Mỹ"),
        ("Tỉnh Tuyên Quang", "Tỉnh", "Tuyên Quang"),
        ("Xã", "", "Xã"),
        ("", "", ""),
    ],
)
def test_the_type_before_a_name(name, kind, rest):
    assert split_type(name) == (kind, rest)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thị trấn Cờ Đỏ", "TT. co do"),
        ("Phường 01", "P.1"),
        ("Quận Ô Môn", "quan o mon"),
        ("Hòa An", "Hoà An"),
        (unicodedata.normalize("NFD", "Huyện Vĩnh Thạnh"), "H. Vĩnh  Thạnh"),
    ],
)
def test_names_that_are_one_name(one, other):
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(("one", "other"), [("Xã Cờ Đỏ", "Thị trấn Cờ Đỏ"), ("Phường 1", "Phường 11")])
def test_names_that_are_two(one, other):
    assert fold_name(one) != fold_name(other)


@pytest.mark.parametrize(
    ("name", "district", "code"),
    [
        ("Thị trấn Cờ Đỏ", None, "31261"),
        ("TT Co Do", "Cờ Đỏ", "31261"),
        ("Cờ Đỏ", "925", "31261"),
        ("P. An Hòa", None, "31120"),
        ("an hoà", "quận ninh kiều", "31120"),
        ("X. Thới Hưng", "H. Cờ Đỏ", "31264"),
        (unicodedata.normalize("NFD", "Xã Thới Hưng"), None, "31264"),
    ],
)
def test_communes_are_found_by_name(can_tho, name, district, code):
    assert find_commune(name, can_tho, district=district) == code


def test_every_commune_is_found_under_its_own_name_in_its_district():
    for province in ("08", "75", "92", "25", "49"):
        communes = units.communes(province, "2025-01")
        found = [
            find_commune(row.commune, communes, district=row.district_code) for row in communes.itertuples()
        ]
        assert found == list(communes["commune_code"])


def test_spelling_decides_between_names_that_differ_in_diacritics_only():
    communes = listed("Xã Hoằng Thanh", "Xã Hoằng Thành", "Xã Hoằng Quý")
    assert find_commune("Hoằng Thành", communes) == "00002"
    assert find_commune("xã hoằng thanh", communes) == "00001"
    assert find_commune("hoang quy", communes) == "00003"
    with pytest.raises(DataError) as error:
        find_commune("Hoang Thanh", communes, where="plan.yaml:7")
    problem = error.value.problems[0]
    assert (problem.code, problem.where) == ("geo.ambiguous_commune", "plan.yaml:7")
    assert problem.values["found"] == "00001 Xã Hoằng Thanh, 00002 Xã Hoằng Thành"


def test_the_type_decides_between_a_town_and_the_commune_around_it():
    communes = listed("Xã Tân Phú", "Thị trấn Tân Phú")
    assert find_commune("TT. Tân Phú", communes) == "00002"
    assert find_commune("X. Tân Phú", communes) == "00001"
    with pytest.raises(DataError) as error:
        find_commune("Tân Phú", communes)
    assert error.value.problems[0].code == "geo.ambiguous_commune"


def test_a_name_may_look_like_a_type():
    assert find_commune("Xa Dung", listed("Xã Xa Dung", "Xã Dun")) == "00001"


def test_an_unknown_commune_is_refused_with_what_is_near(can_tho):
    with pytest.raises(DataError) as error:
        find_commune("Thới Hưn", can_tho)
    assert error.value.problems[0].code == "geo.unknown_commune"
    assert "31264 Xã Thới Hưng" in error.value.problems[0].values["near"]


def test_a_commune_of_another_district_is_unknown(can_tho):
    with pytest.raises(DataError):
        find_commune("Xã Thới Hưng", can_tho, district="Quận Ninh Kiều")


@pytest.mark.parametrize(("name", "code"), [("916", "916"), ("Ninh Kiều", "916"), ("o mon", "917")])
def test_districts_are_found_by_code_or_name(can_tho, name, code):
    assert find_district(name, can_tho) == code


@pytest.mark.parametrize("name", ["Thủ Đức", "", "91"])
def test_an_unknown_district_is_refused(can_tho, name):
    with pytest.raises(DataError) as error:
        find_district(name, can_tho)
    assert error.value.problems[0].code == "geo.unknown_district"


def test_two_districts_of_one_name_are_told_apart():
    communes = listed("Xã A", "Xã B")
    communes["district_code"] = ["001", "002"]
    communes["district"] = ["Huyện Tân Phú", "Quận Tân Phú"]
    assert find_district("Q. Tân Phú", communes) == "002"
    with pytest.raises(DataError) as error:
        find_district("Tân Phú", communes)
    assert error.value.problems[0].code == "geo.ambiguous_district"


def test_what_the_user_wrote_comes_back_tamed(can_tho):
    with pytest.raises(DataError) as error:
        find_commune("{{ 7*7 }}<script>", can_tho)
    assert not set("{<") & set(error.value.say("vi"))


def test_nothing_is_near_to_nonsense():
    assert near("zzzz", {"1": "Xã Một"}) == "–"
    assert near("x", {}) == "–"
