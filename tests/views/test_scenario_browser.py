"""What only a browser shows of the scenario page: typing by keyboard, and the way to the plan and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import PATIENCE, settle

pytestmark = pytest.mark.browser


def amount(page: Page, rule: str) -> Locator:
    return page.locator(f".st-key-card_rules_{rule} [data-testid=stTextInput] input")


def test_a_budget_is_typed_told_put_back_and_solved(guarded_page: Page, app_server: str) -> None:
    page = guarded_page
    page.goto(app_server)
    page.get_by_test_id("stTopNavLink").filter(has_text="Kịch bản").click(timeout=PATIENCE)
    expect(page.locator(".st-key-review")).to_be_visible(timeout=PATIENCE)
    settle(page)
    page.get_by_text("Kinh phí", exact=True).click()
    settle(page)
    expect(amount(page, "budget_2019")).to_have_value("1.237,2")

    # two fields one after the other, by keyboard, without waiting for the first to be taken
    amount(page, "budget_2018").fill("400")
    amount(page, "budget_2018").press("Tab")
    amount(page, "budget_2019").fill("990,5")
    amount(page, "budget_2019").press("Tab")
    expect(page.get_by_text("1 điều không thể làm được", exact=False)).to_be_visible()
    settle(page)
    expect(amount(page, "budget_2018")).to_have_value("400")
    expect(amount(page, "budget_2019")).to_have_value("990,5")

    # what is typed and not yet left survives the switch of the language
    amount(page, "budget_2020").fill("1.100,25")
    page.get_by_text("English").click()
    expect(amount(page, "budget_2020")).to_have_value("1,100.25")
    expect(amount(page, "budget_2019")).to_have_value("990.5")
    settle(page)
    page.locator("[class*=st-key-f_back][class*=budget_2019] button").click()
    expect(amount(page, "budget_2019")).to_have_value("1,237.2")
    settle(page)

    page.locator(".st-key-review_solve button").click()
    expect(page.locator(".lt-numbers")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-changed")).to_contain_text("Budget of 2020: 1,061.8 million VND → 1,100.25")
    settle(page)
