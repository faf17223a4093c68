"""A slow, plain evaluator on a grid of whole seconds, written from the words of the domain page."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from analytics.rules.rule import RANK, Rule

F, U, T = 0, 1, 2
S = 1_000_000
Samples = Mapping[str, Sequence[tuple[int, float]]]
"""(second, value) by parameter."""


def compares(value: float, operator: str, threshold: float, upper: float | None) -> bool:
    return {
        "gt": value > threshold, "gte": value >= threshold, "lt": value < threshold,
        "lte": value <= threshold, "eq": value == threshold, "neq": value != threshold,
        "between": threshold <= value <= (upper or math.inf),
        "outside": value < threshold or value > (math.inf if upper is None else upper),
    }[operator]  # fmt: skip


def leaf(body: Mapping[str, Any], samples: Samples, gap: int, end: int) -> list[int]:
    """The truth of a leaf at every second of [0, end)."""
    mine = list(samples.get(body["parameter"], ()))
    kind = body.get("kind", "threshold")
    told: list[int] = []
    latch = False
    for n, (second, value) in enumerate(mine):
        before = mine[n - 1] if n and second - mine[n - 1][0] <= gap else None
        if kind == "threshold":
            hit = compares(value, body["operator"], body["threshold"], body.get("upper"))
            if body.get("exit") is not None:
                stays = compares(value, body["operator"], body["exit"], None)
                hit = latch = hit or (latch and stays)
            told.append(T if hit else F)
        elif kind == "rate":
            if before is None:
                told.append(U)
            else:
                rate = (value - before[1]) / (second - before[0]) * body.get("per_s", 60.0)
                told.append(T if compares(rate, body["operator"], body["threshold"], None) else F)
        elif kind == "frequent":
            run = [mine[n]]
            for earlier in range(n - 1, -1, -1):
                if len(run) == body["m"] or run[-1][0] - mine[earlier][0] > gap:
                    break
                run.append(mine[earlier])
            hits = sum(compares(v, body["operator"], body["threshold"], None) for _, v in run)
            short = body["m"] - len(run)
            told.append(T if hits >= body["n"] else F if hits + short < body["n"] else U)
    truth = []
    for now in range(end):
        past = [n for n, (second, _) in enumerate(mine) if second <= now]
        if kind == "no_data":
            truth.append(U if not past else T if now - mine[past[-1]][0] >= body["longer_s"] else F)
            continue
        if not past or now - mine[past[-1]][0] >= gap:
            truth.append(U if kind != "aggregate" or body["measure"] != "count" or not past else None)
            if truth[-1] is not None:
                continue
            truth.pop()
        if kind == "aggregate":
            inside = [v for second, v in mine if now - body["window_s"] < second <= now]
            truth.append(aggregated(body, inside))
        elif kind == "delta":
            then = [v for second, v in mine if second <= now - body["window_s"]]
            when = [second for second, _ in mine if second <= now - body["window_s"]]
            if not then or now - body["window_s"] - when[-1] >= gap:
                truth.append(U)
            else:
                change = mine[past[-1]][1] - then[-1]
                truth.append(T if compares(change, body["operator"], body["threshold"], None) else F)
        elif kind == "frozen":
            since = past[-1]
            while since and mine[since - 1][1] == mine[past[-1]][1]:
                since -= 1
            truth.append(T if now - mine[since][0] >= body["longer_s"] else F)
        else:
            truth.append(told[past[-1]])
    return truth


def aggregated(body: Mapping[str, Any], inside: Sequence[float]) -> int:
    measure = body["measure"]
    if measure == "count":
        value = float(len(inside))
    elif not inside:
        return U
    elif measure == "mean":
        value = math.fsum(inside) / len(inside)
    else:
        value = {"min": min, "max": max}[measure](inside)
    return T if compares(value, body["operator"], body["threshold"], None) else F


def tree(body: Mapping[str, Any], samples: Samples, gap: int, end: int) -> list[int]:
    if "conditions" in body:
        parts = [tree(one, samples, gap, end) for one in body["conditions"]]
        worst = {"AND": min, "OR": max, "NOT": lambda row: T - max(row)}[body["operator"]]
        truth = [worst(row) for row in zip(*parts, strict=True)]
    else:
        truth = leaf(body, samples, gap, end)
    return for_a_while(truth, int(body.get("for_s", 0)))


def for_a_while(truth: list[int], length: int) -> list[int]:
    """Kleene AND of the last `length` seconds and this one."""
    return [min(truth[max(0, now - length) : now + 1]) for now in range(len(truth))]


def events(
    rule: Rule, bodies: Sequence[tuple[str, Mapping[str, Any]]], samples: Samples, end: int, shut: set[int]
):  # type: ignore[no-untyped-def]
    """(second, kind, rank, cause) of the alert, second by second; `shut` are seconds of a closed schedule."""
    levels = []
    for severity, body in bodies:
        raw = tree(body, samples, int(rule.max_gap_s), end)
        last = F
        certain = []
        for truth in raw:
            last = truth if truth != U else last
            certain.append(
                truth if truth != U else {"hold": last, "break": F, "true": T, "false": F}[rule.unknown]
            )
        levels.append((RANK[severity], raw, for_a_while(certain, int(rule.on_delay_s))))
    found = []
    rank, raised, zero, cause = 0, None, None, ""
    for now in range(end):
        wish = max((r for r, _, truth in levels if truth[now] == T), default=0)
        gap = rule.unknown == "break" and any(raw[now] == U for _, raw, _ in levels)
        why = "schedule closed" if now in shut else "no data" if gap else "back to normal"
        wish = 0 if now in shut else wish
        if rank and not wish:
            if zero is None:
                zero, cause = now, why
            if now - zero >= rule.off_delay_s:
                found.append((now, "cleared", 0, cause))
                rank, zero = 0, None
        elif rank:
            zero = None
            if wish != rank:
                found.append((now, "changed", wish, ""))
                rank = wish
        elif wish and (raised is None or now - raised >= rule.cooldown_s):
            found.append((now, "raised", wish, ""))
            rank, raised, zero = wish, now, None
    return found
