"""The official plan beside the best one, in words: what opens earlier, later, elsewhere, and who gains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from optimization import exchange
from optimization.exchange import Move
from optimization.instance import Instance
from optimization.score import Score
from planner.geography import Geography
from planner.plan import Exchange, Gain
from planner.wording import stage_name
from scenarios.schema import Scenario
from text import LANGS, Lang, Text, both, inline, number, say

SHOWN = 0.5
"""Person-years below which a gain or a loss reads as 0 and is left out."""


def figures(key: str, /, **values: float | str | Text) -> Text:
    """The sentence `key` in both languages, its figures with each language's separators."""

    def spoken(lang: Lang) -> str:
        shown = {n: v if isinstance(v, str | Text) else number(v, lang) for n, v in values.items()}
        return say(key, lang, **shown)

    return Text(*map(spoken, LANGS))


def listed(parts: list[Text], between: str = ", ") -> Text:
    """Texts in a row."""
    return Text(*(between.join(part.say(lang) for part in parts) for lang in LANGS))


class Comparison:
    """Two plans of one instance."""

    def __init__(self, scenario: Scenario, places: Geography, instance: Instance, found: Score) -> None:
        self.scenario, self.instance, self.found = scenario, instance, found
        self.premises = places.premises
        self.readable = found.official.opened is not None and found.optimum.opened is not None
        self._gains = exchange.gains(instance, found.official, found.optimum) if self.readable else None

    # --- what moves ------------------------------------------------------------------------------

    def exchanges(self) -> Iterator[Exchange]:
        """Every move, then the groups in which nothing moves and who yet gain or lose.

        A gain stands with the service that is optimised.
        """
        if not self.readable:
            return
        moves = Counter(exchange.moves(self.instance, self.found.official, self.found.optimum))
        seen = set()
        for move, n in sorted(moves.items(), key=lambda each: self._order(each[0])):
            told = self._exchange(move, n)
            seen |= {(move.kind, g) for g in self._groups(move)}
            yield told
        yield from self._unmoved(seen)

    def _order(self, move: Move) -> tuple[int, int, int, int]:
        """By kind, group and stage; what only one of the plans opens comes last."""
        ours, theirs = move.optimal, move.official
        half = (ours is None) + (theirs is None)
        f, t = theirs or ours or (0, 0)
        return move.kind, half, self._group(f), t

    def _group(self, f: int) -> int:
        return int(self.instance.site_group[self.instance.site[f]])

    def _groups(self, move: Move) -> list[int]:
        return [self._group(key[0]) for key in (move.official, move.optimal) if key]

    def _exchange(self, move: Move, n: int) -> Exchange:
        it, groups = self.instance, self._groups(move)
        across = groups[0] != groups[-1]
        official, optimal = (key and it.stages[key[1]] for key in (move.official, move.optimal))
        apart = bool(move.official and move.optimal and move.official[0] != move.optimal[0])
        theirs, ours = (
            it.premises[it.site[key[0]]] if key and (apart or not (move.official and move.optimal)) else None
            for key in (move.official, move.optimal)
        )
        return Exchange(
            kind=it.kinds[move.kind].id,
            group=self._code(groups[0]),
            official_stage=official,
            optimal_stage=optimal,
            gain=self._gain(move.kind, groups[0]),
            number=n,
            to_group=self._code(groups[-1]) if across else None,
            official_premises=theirs,
            optimal_premises=ours,
            text=self._words(move, n, across=across, apart=apart),
        )

    def _words(self, move: Move, n: int, *, across: bool, apart: bool) -> Text:
        stage = {
            name: stage_name(self.scenario, self.instance.stages[key[1]])
            for name, key in (("ours", move.optimal), ("theirs", move.official))
            if key
        }
        groups = [self._group_name(g) for g in self._groups(move)]
        if across:
            where = self._where(move.kind, n)
            return figures(
                "evaluation.other_group", where=where, ours_group=groups[1], theirs_group=groups[0], **stage
            )
        where = self._where(move.kind, n, groups[0])
        if move.official is None or move.optimal is None:
            return figures(f"evaluation.{'added' if move.optimal else 'dropped'}", where=where, **stage)
        (f, before), (g, after) = move.official, move.optimal
        key = "same" if before == after else "earlier" if after < before else "later"
        moved = figures(f"evaluation.{key}", where=where, **stage)
        if not apart:
            return moved
        return figures("evaluation.other_premises", moved=moved, ours=self._place(g), theirs=self._place(f))

    def _unmoved(self, seen: set[tuple[int, int]]) -> Iterator[Exchange]:
        it, opened = self.instance, self.found.optimum.opened
        assert opened is not None
        for k, kind in enumerate(it.kinds):
            for g, code in enumerate(it.groups):
                gain = self._gain(k, g)
                mine = (it.kind == k) & (it.site_group[it.site] == g)
                stages = [t for t in range(len(it.stages)) if opened[mine, t].any()]
                if (k, g) in seen or abs(gain) < SHOWN or not stages:
                    continue
                name, stage = self._group_name(g), it.stages[stages[0]]
                words = figures(
                    "evaluation.same", where=self._where(k, 1, name), ours=stage_name(self.scenario, stage)
                )
                yield Exchange(kind.id, code, stage, stage, gain, text=words)

    # --- who gains -------------------------------------------------------------------------------

    def gains(self) -> Iterator[Gain]:
        """Groups that gain or lose, those that gain most first."""
        if self._gains is None:
            return
        it, found = self.instance, self._gains
        sums = [*found.groups.tolist(), found.elsewhere]
        members = [int((it.commune_group == g).sum()) for g in (*range(len(it.groups)), -1)]
        for g in sorted(range(len(sums)), key=lambda g: -sums[g]):
            if abs(sums[g]) >= SHOWN:
                at = g if g < len(it.groups) else -1
                name = self._group_name(at)
                words = figures(
                    f"evaluation.{'gain' if sums[g] > 0 else 'loss'}", group=name, gain=abs(sums[g])
                )
                more, less = found.gaining[g], found.losing[g]
                if members[g] > 1:
                    which = "both" if more and less else "more" if more else "less"
                    key = f"evaluation.gain_communes.{which}"
                    words = figures(key, words=words, more=more, less=less)
                yield Gain(self._code(at), sums[g], more, less, words)

    def _gain(self, kind: int, group: int) -> float:
        it = self.instance
        if self._gains is None or group < 0 or it.kinds[kind].service != it.objectives[0].service:
            return 0.0
        return float(self._gains.groups[group])

    # --- names -----------------------------------------------------------------------------------

    def _code(self, group: int) -> str:
        return self.instance.groups[group] if group >= 0 else ""

    def _group_name(self, group: int) -> Text:
        return group_name(self.scenario, self._code(group))

    def _where(self, kind: int, n: int, group: Text | None = None) -> Text:
        short = inline(self.scenario.kinds[self.instance.kinds[kind].id].short.text)
        several = "_several" if n > 1 else ""
        if group is None:
            return figures(f"evaluation.anywhere{several}", kind=short, n=n)
        return figures(f"evaluation.at{several}", group=group, kind=short, n=n)

    def _place(self, f: int) -> Text:
        row = self.premises.iloc[int(self.instance.site[f])]
        name, commune = str(row["premises_name"]), str(row["commune"])
        return both(
            "evaluation.premises_named" if commune in name else "evaluation.premises",
            name=name,
            commune=commune,
        )


def group_name(scenario: Scenario, code: str) -> Text:
    """What a group is called; "" is premises or communes in none."""
    group = scenario.registered_persons.by_group.get(code)
    return Text(group.name, group.name) if group else both("plan.no_group")
