"""A budget that nobody planned, in a browser: too small, the clash names it; a larger one does no harm."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PATIENCE, pick, rerun, settle

pytestmark = pytest.mark.browser

BUDGET = "Kinh phí gộp các giai đoạn 2018, 2019"


def test_an_added_budget_is_named_by_the_clash_until_it_is_large_enough(
    guarded_page: Page, app_server: str
) -> None:
    page = guarded_page
    page.goto(app_server)
    page.get_by_test_id("stTopNavLink").filter(has_text="Kịch bản").click(timeout=PATIENCE)
    expect(page.locator(".st-key-review")).to_be_visible(timeout=PATIENCE)
    settle(page)
    with rerun(page):
        page.get_by_text("Kinh phí", exact=True).click()
    with rerun(page):
        page.locator(".st-key-add_open_money button").click()
    sheet = page.locator(".st-key-add_sheet_money")
    amount = sheet.locator("[class*=_amount] input")
    for year in ("2018", "2019"):
        with rerun(page):
            pick(page, sheet.locator("[class*=_stages]").get_by_role("combobox"), f"năm {year}")
        page.keyboard.press("Escape")

    # what is typed and not yet left survives the switch of the language, and the click that follows at once
    amount.fill("1.500")
    page.get_by_text("English").click()
    expect(amount).to_have_value("1,500", timeout=PATIENCE)
    page.get_by_text("Tiếng Việt").click()
    expect(amount).to_have_value("1.500", timeout=PATIENCE)
    settle(page)
    sheet.locator("[class*=_reason] input").fill("Tỉnh dự kiến cấp 1,5 tỷ đồng")
    page.locator(".st-key-add_go_money button").click()
    card = page.locator(".st-key-card_rules_added_budget_1")
    expect(card).to_contain_text("Người lập kế hoạch thêm: Tỉnh dự kiến cấp 1,5 tỷ đồng", timeout=PATIENCE)
    expect(page.locator(".st-key-review")).to_contain_text(BUDGET, timeout=PATIENCE)
    settle(page)
    page.locator(".st-key-review_solve button").click()
    clash = page.locator(".lt-clash").first
    expect(clash).to_contain_text(BUDGET, timeout=PATIENCE)

    settle(page)
    page.get_by_test_id("stTopNavLink").filter(has_text="Kịch bản").click()
    field = card.locator("[data-testid=stTextInput] input")
    expect(field).to_have_value("1.500", timeout=PATIENCE)
    settle(page)
    field.fill("1.600")
    field.press("Tab")
    expect(page.locator(".st-key-review")).not_to_contain_text(BUDGET, timeout=PATIENCE)
    settle(page)
