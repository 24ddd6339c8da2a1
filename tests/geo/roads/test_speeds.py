"""How fast a way is: the table, who may pass, which way, and limits as people write them."""

import math

import pytest

from errors import DataError
from geo.roads import speeds
from text import LANGS


def kmh(mode="motorcycle", wet=1.0, **tags):
    """Km/h along and against a way; `__` in a name stands for ``:``."""
    told = {key.replace("__", ":"): value for key, value in tags.items()}
    found = speeds.ways([told], mode=mode, wet_season_factor=wet)
    return found.forward[0], found.backward[0]


def mean(value, mode="motorcycle", key="highway"):
    (line,) = [one for one in speeds.table() if (one.key, one.value, one.mode) == (key, value, mode)]
    return line.kmh


# --- the table -----------------------------------------------------------------------------------------


def test_each_figure_says_what_it_rests_on():
    for line in speeds.table():
        assert line.source.vi
        assert line.source.en
        assert line.estimated == line.source.en.startswith("Estimate")
        assert line.estimated == line.source.vi.startswith("Ước tính")
    assert len({(line.key, line.value, line.mode) for line in speeds.table()}) == len(speeds.table())


def test_each_class_has_a_speed_on_foot_and_none_is_faster_than_its_road_allows():
    for mode in speeds.MODES:
        for line in speeds.table():
            assert 0 < line.kmh <= 120
            if line.mode == mode == "walking" and line.key == "highway":
                assert line.kmh <= 5
    assert {line.value for line in speeds.table() if line.mode == "walking" and line.key == "highway"} == \
        speeds.classes()  # fmt: skip


@pytest.mark.parametrize("mode", ["motorcycle", "car"])
def test_greater_roads_are_faster(mode):
    ladder = ["trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street"]
    figures = [mean(value, mode) for value in ladder]
    assert figures == sorted(figures, reverse=True)
    assert len(set(figures)) == len(figures)


# --- who may pass ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "tags", "passes"),
    [
        ("motorcycle", {"highway": "motorway"}, False),
        ("motorcycle", {"highway": "motorway", "motorcycle": "yes", "oneway": "no"}, True),
        ("motorcycle", {"highway": "motorway", "access": "yes"}, False),
        ("car", {"highway": "motorway", "oneway": "no"}, True),
        ("walking", {"highway": "motorway"}, False),
        ("motorcycle", {"highway": "trunk", "motorroad": "yes"}, False),
        ("motorcycle", {"highway": "trunk", "motorroad": "yes", "motorcycle": "designated"}, True),
        ("car", {"highway": "trunk", "motorroad": "yes"}, True),
        ("walking", {"highway": "trunk", "motorroad": "yes"}, False),
        ("motorcycle", {"highway": "footway"}, False),
        ("motorcycle", {"highway": "footway", "motorcycle": "permissive"}, True),
        ("walking", {"highway": "footway"}, True),
        ("motorcycle", {"highway": "path"}, True),
        ("motorcycle", {"highway": "path", "motor_vehicle": "no"}, False),
        ("car", {"highway": "path"}, False),
        ("motorcycle", {"highway": "steps", "motorcycle": "yes"}, False),  # a misprint
        ("walking", {"highway": "steps"}, True),
        ("motorcycle", {"highway": "residential", "access": "private"}, False),
        ("motorcycle", {"highway": "residential", "access": "no"}, False),
        ("motorcycle", {"highway": "residential", "access": "no", "motorcycle": "yes"}, True),
        ("motorcycle", {"highway": "residential", "access": "destination"}, True),
        ("motorcycle", {"highway": "residential", "motorcycle": "no"}, False),
        ("car", {"highway": "residential", "motorcycle": "no"}, True),
        ("car", {"highway": "residential", "motorcar": "no"}, False),
        ("motorcycle", {"highway": "residential", "motorcar": "no"}, True),
        ("motorcycle", {"highway": "residential", "vehicle": "no"}, False),
        ("walking", {"highway": "residential", "vehicle": "no"}, True),
        ("walking", {"highway": "residential", "foot": "no"}, False),
        ("motorcycle", {"highway": "track", "smoothness": "impassable"}, False),
        ("motorcycle", {"highway": "construction"}, False),
        ("walking", {"highway": "proposed"}, False),
        ("motorcycle", {"route": "ferry"}, True),
        ("motorcycle", {"route": "ferry", "motor_vehicle": "no"}, False),
        ("motorcycle", {"route": "ferry", "foot": "yes", "motorcycle": "no"}, False),
        ("car", {"route": "ferry"}, False),
        ("car", {"route": "ferry", "motor_vehicle": "yes"}, True),
        ("walking", {"route": "ferry", "motor_vehicle": "yes"}, True),
        ("walking", {"route": "bus"}, False),
    ],
)
def test_who_may_pass(mode, tags, passes):
    assert [speed > 0 for speed in kmh(mode, **tags)] == [passes, passes]


# --- which way -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "along", "against"),
    [
        ({}, True, True),
        ({"oneway": "no"}, True, True),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "true"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"oneway": "reverse"}, False, True),
        ({"oneway": "reversible"}, False, False),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "roundabout", "oneway": "no"}, True, True),
        ({"oneway": "yes", "oneway__motorcycle": "no"}, True, True),
        ({"oneway__motorcycle": "-1"}, False, True),
        ({"oneway": "yes", "oneway__motor_vehicle": "no"}, True, True),
    ],
)
def test_which_way_a_motorcycle_may_go(tags, along, against):
    assert [speed > 0 for speed in kmh(highway="residential", **tags)] == [along, against]


def test_a_motorway_has_one_direction_and_its_exits_say_so():
    assert kmh("car", highway="motorway") == (mean("motorway", "car"), 0)
    assert kmh("car", highway="motorway_link") == (mean("motorway_link", "car"),) * 2


def test_those_on_foot_mind_no_one_way_street():
    assert kmh("walking", highway="residential", oneway="yes") == (5, 5)
    assert kmh("walking", highway="footway", oneway__foot="yes") == (5, 0)


def test_what_holds_for_motorcycles_does_not_hold_for_cars():
    assert kmh("car", highway="residential", oneway="yes", oneway__motorcycle="no")[1] == 0
    assert kmh("car", highway="residential", oneway__motorcycle="yes")[1] > 0


# --- limits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "limit"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("50kmh", 50),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("62.5", 62.5),
        ("50;70", 50),
        ("70, 50", 50),
        ("50|60", 50),
        ("['60', '50']", 50),  # OSMnx
        ("VN:urban", 50),
        ("VN:rural", 60),
        ("walk", 5),
        ("none", math.inf),
        ("signals", math.inf),
        ("", math.inf),
        ("0", math.inf),
        ("-50", math.inf),
        ("fifty", math.inf),
        ("none;40", 40),
    ],
)
def test_a_limit_as_people_write_it(stated, limit):
    assert speeds.limit_kmh(stated, "motorcycle") == pytest.approx(limit)


def test_the_law_lets_a_car_go_faster_than_a_motorcycle_outside_towns():
    assert speeds.limit_kmh("VN:rural", "car") == 80


def test_a_limit_only_ever_lowers():
    usual = mean("primary")
    assert kmh(highway="primary", maxspeed="30") == (30, 30)
    assert kmh(highway="primary", maxspeed="90") == (usual, usual)
    assert kmh("walking", highway="primary", maxspeed="3") == (5, 5)


def test_a_limit_may_hold_one_way_or_for_motorcycles_alone():
    usual = mean("primary")
    assert kmh(highway="primary", maxspeed__backward="20") == (usual, 20)
    assert kmh(highway="primary", maxspeed__forward="20") == (20, usual)
    assert kmh(highway="primary", maxspeed="30", maxspeed__motorcycle="25") == (25, 25)
    assert kmh("car", highway="primary", maxspeed="30", maxspeed__motorcycle="25") == (30, 30)


# --- surface and season ------------------------------------------------------------------------------------


def test_a_rough_surface_is_an_upper_limit():
    assert kmh(highway="secondary", surface="gravel") == (mean("gravel", key="surface"),) * 2
    assert kmh(highway="path", surface="gravel") == (mean("path"),) * 2
    assert kmh(highway="secondary", surface="asphalt") == (mean("secondary"),) * 2


@pytest.mark.parametrize(
    ("tags", "slower"),
    [
        ({"highway": "secondary"}, False),
        ({"highway": "secondary", "surface": "asphalt"}, False),
        ({"highway": "secondary", "surface": "cobblestone"}, False),
        ({"highway": "secondary", "surface": "unpaved"}, True),
        ({"highway": "secondary", "surface": "dirt"}, True),
        ({"highway": "unclassified"}, True),
        ({"highway": "unclassified", "surface": "concrete"}, False),
        ({"highway": "unclassified", "surface": "concrete:lanes"}, False),
        ({"highway": "track"}, True),
        ({"highway": "path"}, True),
        ({"highway": "residential"}, False),
        ({"route": "ferry"}, False),
    ],
)
def test_the_wet_season_slows_unpaved_and_minor_roads(tags, slower):
    dry, wet = kmh(**tags)[0], kmh(wet=0.5, **tags)[0]
    assert wet == pytest.approx(dry * (0.5 if slower else 1))


# --- ferries ---------------------------------------------------------------------------------------------


def test_a_ferry_goes_as_fast_as_its_length_and_duration_make_it():
    assert kmh(route="ferry") == (mean("ferry", key="route"),) * 2
    assert kmh(route="ferry", ferry_kmh="7.5", maxspeed="5") == (7.5, 7.5)
    found = speeds.ways([{"route": "ferry"}, {"highway": "primary", "route": "ferry"}], mode="car")
    assert found.ferry.tolist() == [True, False]  # the second is a road that a ferry's route runs along


@pytest.mark.parametrize(
    ("stated", "hours"),
    [
        ("20", 1 / 3),
        ("0:20", 1 / 3),
        ("00:20", 1 / 3),
        ("1:30", 1.5),
        ("01:30:00", 1.5),
        ("00:00:36", 0.01),
        ("PT20M", 1 / 3),
        ("PT1H30M", 1.5),
        ("pt90s", 0.025),
        ("", None),
        ("0", None),
        ("PT", None),
        ("a while", None),
    ],
)
def test_a_duration_as_people_write_it(stated, hours):
    assert speeds.duration_hours(stated) == (hours and pytest.approx(hours))


# --- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("roads.mode", {"mode": "boat"}),
        ("roads.wet_season_factor", {"mode": "car", "wet_season_factor": 0.0}),
        ("roads.wet_season_factor", {"mode": "car", "wet_season_factor": 1.1}),
        ("roads.wet_season_factor", {"mode": "car", "wet_season_factor": math.nan}),
    ],
)
def test_a_bad_question_is_refused_in_words(code, asked):
    with pytest.raises(DataError) as error:
        speeds.ways([{"highway": "primary"}], **asked)
    assert [problem.code for problem in error.value.problems] == [code]
    assert all(error.value.say(lang) for lang in LANGS)
