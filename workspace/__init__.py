"""Work kept in a folder: scenarios in versions, plans, and the drafts of sessions; nothing is overwritten.

A folder per version or plan appears whole, by one rename, or not at all; so a crash leaves nothing half
written, and of two people who save at once neither is lost.
"""

from workspace.drafts import (
    clear_drafts,
    copied,
    draft,
    is_token,
    keep_draft,
    keep_upload,
    new_token,
    uploads,
)
from workspace.folder import Listing, root
from workspace.kept_plans import KeptPlan, load_plan, plan_digest, plans, save_plan
from workspace.kept_scenarios import (
    KeptScenario,
    kept_at,
    load_scenario,
    save_scenario,
    scenario_path,
    scenarios,
    versions,
)

__all__ = [
    "KeptPlan",
    "KeptScenario",
    "Listing",
    "clear_drafts",
    "copied",
    "draft",
    "is_token",
    "keep_draft",
    "keep_upload",
    "kept_at",
    "load_plan",
    "load_scenario",
    "new_token",
    "plan_digest",
    "plans",
    "root",
    "save_plan",
    "save_scenario",
    "scenario_path",
    "scenarios",
    "uploads",
    "versions",
]
