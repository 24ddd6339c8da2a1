"""What is called impossible before the solve is impossible; a scenario with a plan is never accused."""

from dataclasses import replace

import numpy as np
import pytest

from optimization import solve
from optimization.necessary import Cause, Impossible, Why, impossible, openable
from optimization.rules import (
    Capacity,
    Cluster,
    CoverageTarget,
    Forbidden,
    Pinned,
    Quota,
    StageBudget,
    Upgrade,
)
from tests.optimization.instances import BUDGETS, nine_districts, province
from tests.optimization.test_mixtures import mixture

EVERY = np.ones(9, dtype=bool)


def one(found: tuple[Impossible, ...], why: Why) -> Impossible:
    return next(it for it in found if it.why is why)


def with_rules(*rules, **changes):
    it = nine_districts(**changes)
    return replace(it, rules=(*it.rules, *rules))


def more(seed: int):
    """A mixture, with a quota and upgrades on top of some."""
    rng, it = np.random.default_rng(seed), mixture(seed)
    rules = list(it.rules)
    if rng.random() < 0.7:
        count = ("open", "opened")[rng.integers(2)]
        stages = (int(rng.integers(3)),)
        rules.append(
            Quota(id="more", scope=rng.random(10) < 0.6, stages=stages, count=count, lo=int(rng.integers(4)))
        )
    if rng.random() < 0.4:
        rules.append(Upgrade(id="up", before=it.kind == 0, after=it.kind == 1))
    return replace(it, rules=tuple(rules))


def test_nobody_is_accused_who_has_a_plan():
    told = {
        (any(f.hard for f in impossible(it)), solve.is_feasible(it)) for it in map(more, range(8000, 8200))
    }
    assert (True, True) not in told
    assert told == {(True, False), (False, True), (False, False)}


def test_a_plan_that_works_has_no_finding():
    assert impossible(nine_districts()) == ()
    assert impossible(province(np.random.default_rng(3))) == ()


def test_a_quota_above_the_places():
    it = with_rules(Quota(id="ten", scope=EVERY, stages=(0, 1, 2), lo=10))
    found = one(impossible(it), Why.PLACES)
    assert (found.key, found.asked, found.possible, found.cause) == (("ten", ""), 10, 9, Cause.OFFER)


def test_a_pin_where_a_ban_stands_names_the_ban():
    here = np.arange(9) == 4
    it = with_rules(Pinned(id="pin", scope=here, stage=1), Forbidden(id="ban", scope=here, stages=(0, 1, 2)))
    found = one(impossible(it), Why.PLACES)
    assert (found.key, found.cause, found.by) == (("pin", ""), Cause.FORBIDDEN, (("ban", ""),))
    assert not openable(it)[4].any()


def test_two_pins_of_one_cluster():
    here = np.arange(9) < 2
    it = with_rules(Cluster(id="shared", scope=here), Pinned(id="both", scope=here, stage=2, count=2))
    assert one(impossible(it), Why.PLACES).possible == 1


def test_stages_that_ask_for_more_than_may_stand_in_the_end():
    it = with_rules(Quota(id="eight", scope=EVERY, stages=(2,), count="open", hi=8))
    found = one(impossible(it), Why.TOTALS)
    assert (found.asked, found.possible, found.other) == (9, 8, ("eight", ""))


def test_a_budget_below_the_cheapest_way_to_open_what_is_asked():
    rules = tuple(
        replace(r, amount=r.amount - 1) if isinstance(r, StageBudget) and r.part == "1" else r
        for r in nine_districts().rules
    )
    found = one(impossible(nine_districts(rules=rules)), Why.MONEY)
    assert (found.key, found.asked, found.possible) == (("money", "1"), BUDGETS[1], BUDGETS[1] - 1)


def test_a_target_beyond_the_reach_of_all_places():
    it = nine_districts(ready=[3] * 4 + [0] * 5)
    target = CoverageTarget(id="all", service=0, stage=2, share=1.0, communes=EVERY, hard=False)
    found = one(impossible(replace(it, rules=(target,))), Why.REACH)
    assert not found.hard
    assert found.asked == pytest.approx(2630)
    assert found.possible == pytest.approx(2630 - 825 - 222 - 160 - 271)


def test_capacities_that_do_not_add_up():
    room = Capacity(id="room", scope=EVERY, amount=np.full(9, 100.0))
    target = CoverageTarget(id="half", service=0, stage=2, share=0.5, communes=EVERY)
    found = one(impossible(with_rules(room, target)), Why.ROOM)
    assert found.asked == pytest.approx(1315)
    assert found.possible == 900
