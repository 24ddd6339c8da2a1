"""The points of a stage in a table; a row is picked like the point on the map."""

from __future__ import annotations

from urllib.parse import quote

from exports.standing import standing
from geo import maps
from planner.plan import Plan
from scenarios.supply import Kind
from text import Lang, number, say
from views.markup import Head, Raw, icon, joined, table, tag, tag_alone


def listed(
    plan: Plan, stage: str, service: str, labels: dict[str, str], lang: Lang, *, chosen: str = "",
    pinned: frozenset[str] = frozenset(),
) -> Raw:  # fmt: skip
    """Facilities of the stage: those that open in it first, then the others by stage, existing ones last.

    Among these, the ones that provide the service that is looked at come first.
    """
    order = list(labels)
    sites = standing(plan, stage)
    sites = sites.assign(at=[order.index(s) if s in order else -1 for s in sites["opened_stage"]])
    went = plan.allocation[plan.allocation["stage"] == stage].groupby("facility")["persons"].sum()
    counted = set(plan.coverage["service"])
    kinds = {
        k: (kind.service != service, kind.service not in counted, n)
        for n, (k, kind) in enumerate(plan.scenario.kinds.items())
    }
    groups = list(plan.scenario.registered_persons.by_group)
    sites = sites.assign(
        rank=sites["kind"].map(kinds),
        place=[groups.index(g) if g in groups else len(groups) for g in sites["group"]],
    ).sort_values(["existing", "at", "rank", "place"], ascending=[True, False, True, True])
    assumed = icon("not_listed_location", say("app.sites.assumed", lang))
    rows, marks = [], []
    for site in sites.itertuples():
        kind = plan.scenario.kinds[site.kind]
        where = ", ".join(filter(None, (site.commune, site.group_name)))
        about = tag("span", f"{kind.short.text.say(lang)} · {where}", cls="lt-about")
        mark = ["\u00a0", assumed] if site.assumed else []
        mark += ["\u00a0", icon("push_pin", say("panel.pinned", lang))] if site.facility in pinned else []
        words = tag("div", tag("b", site.premises_name), about, *mark)
        name = tag("div", _symbol(kind, new=not site.existing), words, cls="lt-site")
        opened = say("app.sites.existing", lang) if site.existing else labels[site.opened_stage]
        if site.at == order.index(stage):
            opened = tag("b", opened, cls="lt-now")
        persons = number(went.get(site.facility, 0.0), lang) if site.service in counted else "–"
        rows.append((name, opened, persons))
        marks.append(picked_row(f"site:{site.facility}", chosen=site.facility == chosen))
    heads = [Head(say(f"app.sites.{h}", lang), figure=h == "persons") for h in ("site", "opened", "persons")]
    if sites["assumed"].any():
        key = tag("span", assumed, say("app.sites.assumed", lang), cls="lt-key")
        heads[0] = Head(joined([heads[0].label, " ", key]))
    found = table(heads, rows, caption=say("app.sites", lang), cls="lt-sites", marks=marks)
    if set(sites["service"]) <= counted:
        return found
    return Raw(found + tag("p", say("app.sites.not_counted", lang), cls="lt-small"))


def picked_row(what: str, *, chosen: bool) -> dict[str, object]:
    """The attributes of a row that can be picked (``views.picking``)."""
    return {"data-pick": what, "tabindex": 0, "class": "lt-chosen" if chosen else "lt-row"}


def _symbol(kind: Kind, *, new: bool) -> Raw:
    """The map's symbol of a kind, filled when new, hollow when not; a picture, as ``st.html`` drops SVG."""
    fill = kind.colour if new else "#fff"
    path = (
        f'<path d="{maps.SYMBOLS[kind.symbol]}" fill="{fill}" stroke="{kind.colour}"'
        ' stroke-width="2" stroke-linejoin="round"/>'
    )
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-9 -9 18 18">{path}</svg>'
    return tag_alone(
        "img", src=f"data:image/svg+xml,{quote(drawing)}", alt="", width=16, height=16, cls="lt-symbol"
    )
