"""Whom a proposal comes from and goes to: names in one language or two, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from errors import ScenarioError
from scenarios.document import called
from scenarios.reading import FOLDER, changed, load

BASE = load(FOLDER / "can_tho_2018_2020.yaml")
NAMES = ("can_tho_2018_2020", "dong_nai_to_2020", "tuyen_quang_2020", "national_2012_2015")


def with_proposal(**blocks: Any) -> Any:
    """The plan with these entries of its proposal, said to be the user's."""
    return changed(BASE, {"proposal": {"source": "user", **blocks}})


def test_a_name_may_be_in_one_language_or_in_two():
    one = with_proposal(place="Nơi nào đó").proposal
    assert one is not None
    assert [called(one.place, lang) for lang in ("vi", "en")] == ["Nơi nào đó"] * 2
    assert called(one.author, "vi").startswith("Sở Lao động")
    assert called(one.author, "en").startswith("Department of Labour")


@pytest.mark.parametrize(
    ("blocks", "where", "code"),
    [
        ({"place": 5}, "proposal.place", "scenario.wrong_type"),
        ({"place": {"vi": "Nơi nào"}}, "proposal.place.en", "scenario.missing"),
        ({"place": {"vi": "a", "en": "b", "fr": "c"}}, "proposal.place.fr", "scenario.unknown_key"),
        ({"place": ""}, "proposal.place", "scenario.text_length"),
        ({"tasks": {"one": {"body": "Sở A", "source": "user"}}}, "proposal.tasks.one", "scenario.missing"),
        ({"signature": "Nguyễn Văn A"}, "proposal.signature", "scenario.unknown_key"),
    ],
)
def test_what_cannot_be_used_is_refused_where_it_stands(blocks, where, code):
    with pytest.raises(ScenarioError) as why:
        with_proposal(**blocks)
    assert any(p.code == code and where in p.where for p in why.value.problems), why.value.problems


@pytest.mark.parametrize("name", NAMES)
def test_the_four_plans_say_who_writes_and_cite_their_own_sections(name):
    scenario = load(FOLDER / f"{name}.yaml")
    given = scenario.proposal
    assert given is not None
    assert given.about
    assert given.legal_bases
    assert given.tasks
    for entry in (given, given.funding, *given.tasks.values(), *given.reports.values()):
        assert entry is not None
        assert entry.source.startswith(f"{scenario.document} §")
    assert given.symbol is None, "no document tells it"
