"""Counts of provinces on the map: bands of thousands, and words that speak of provinces."""

from __future__ import annotations

from geo import maps, nation_counts

CODES = ("01", "02", "04", "06", "08", "10", "11")
PERSONS = dict(zip(CODES, (999.0, 1000.0, 2000.0, 4999.0, 5000.0, 9999.9, 10_000.0), strict=True))


def told(lang="vi", estimated=frozenset()):
    return nation_counts.counts(CODES, PERSONS, estimated=estimated, lang=lang, approximate=True)


def test_a_province_is_shaded_by_thousands_of_persons():
    assert told()["bands"] == "0123445"
    assert [row[0] for row in told()["figures"]] == [999, 1000, 2000, 4999, 5000, 10_000, 10_000]


def test_every_band_has_a_colour_and_a_name_in_the_readers_numbers():
    assert nation_counts.labels("vi") == ["<1", "1–1,9", "2–2,9", "3–4,9", "5–9,9", "≥10"]
    assert nation_counts.labels("en") == ["<1", "1–1.9", "2–2.9", "3–4.9", "5–9.9", "≥10"]
    assert len(nation_counts.labels("vi")) == len(maps.BAND_COLOURS)


def test_the_map_speaks_of_provinces():
    words = told(estimated=frozenset(CODES[:1]))["words"]
    assert "tỉnh" in words["shade"]
    assert "theo tỉnh, thành phố: ước tính" in words["note"]
    assert "xã" not in words["note"].replace("Ranh giới gần đúng", "")
