"""Questions in plain words, taken apart by fixed phrases: what, of which part of the plant, when, by what."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from analytics.errors import InvalidInput
from analytics.kpis import KPIS
from app.insights.spans import Clock, Spoken, spoken
from app.production.figures import Question

Words = tuple[str, ...]
STOPS: Final = "stops"
LOSSES: Final = "losses"
LONGEST: Final = 500

SYNONYMS: Final[dict[str, str]] = {
    "overall equipment effectiveness": "oee",
    "performance": "effectiveness",
    "speed": "effectiveness",
    "uptime": "availability",
    "quality": "quality_ratio",
    "scrap": "scrap_ratio",
    "scrap rate": "scrap_ratio",
    "rejects": "scrap_ratio",
    "rework": "rework_ratio",
    "throughput": "throughput_rate",
    "mean time between failures": "mtbf",
    "mean time to repair": "mttr",
    "repair time": "mttr",
    "mean time to failure": "mttf",
    "energy per part": "energy_per_part",
    "energy per good part": "energy_per_good_part",
    "money lost": "loss_money",
    "cost of losses": "loss_money",
    "lost money": "loss_money",
    "money": "loss_money",
    "cost": "loss_money",
    "energy": "#E",
    "electricity": "#E",
    "kwh": "#E",
    "consumption": "#E",
    "output": "#PQ",
    "parts": "#PQ",
    "units": "#PQ",
    "production": "#PQ",
    "parts made": "#PQ",
    "good parts": "#GQ",
    "good units": "#GQ",
    "failures": "#FE",
    "downtime": STOPS,
    "stops": STOPS,
    "stop": STOPS,
    "stopped": STOPS,
    "down": STOPS,
    "reasons": STOPS,
    "causes": STOPS,
    "losses": LOSSES,
    "loss": LOSSES,
    "lost": LOSSES,
    "lose": LOSSES,
    "lost time": LOSSES,
    "why": LOSSES,
}
"""Phrases for a measure: the id of a KPI, a symbol after #, stops or losses."""

GROUPS: Final[dict[str, str]] = {
    "machine": "machine", "machines": "machine", "day": "day", "days": "day", "daily": "day",
    "line": "line", "lines": "line", "shift": "shift", "shifts": "shift", "reason": "reason",
    "reasons": "reason", "cause": "reason",
}  # fmt: skip
BEFORE_GROUP: Final = ("by", "per", "each", "every", "which", "what", "for each", "for every", "compare")
ORDERS: Final[dict[str, str]] = {
    "worst": "worst", "bottom": "worst", "best": "best", "highest": "highest", "most": "highest",
    "top": "highest", "largest": "highest", "biggest": "highest", "longest": "highest",
    "lowest": "lowest", "least": "lowest", "smallest": "lowest", "fewest": "lowest", "shortest": "lowest",
}  # fmt: skip
"""Words for an order: worst and best go by what is good of the measure, the others by its size."""
FILLERS: Final = frozenset({
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "been", "biggest", "by", "came", "cause",
    "caused", "come", "compare", "course", "develop", "development", "did", "do", "does", "during", "each",
    "every", "factory", "for", "from", "give", "go", "had", "has", "have", "how", "i", "if", "in", "is",
    "it", "its", "list", "long", "made", "main", "make", "many", "me", "much", "of", "on", "or", "our",
    "over", "per", "percent", "plant", "please", "show", "tell", "that", "the", "their", "them", "there",
    "they", "this", "time", "to", "trend", "us", "was", "we", "went", "were", "what", "when", "where",
    "which", "who", "whole", "with",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """What the plant's parts are called: keys by the words that name them."""

    machines: Mapping[str, str]
    lines: Mapping[str, str]
    shifts: Mapping[str, str]
    products: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Query:
    """A question taken apart. `measure` as in SYNONYMS; `by` empty: one figure; `most` 0: all rows.

    `order`: what comes first (a value of ORDERS); empty: in the order of the parts. `unknown` are words that
    meant nothing.
    """

    measure: str
    question: Question
    range_words: str
    by: str = ""
    most: int = 0
    order: str = ""
    unknown: Words = ()

    @property
    def written(self) -> str:
        """The query in one line, as it is shown beside its answer."""
        parts = [f"measure={self.measure.removeprefix('#')}"]
        for name in ("lines", "machines", "shifts", "products"):
            keys = getattr(self.question, name)
            parts += [f"{name}={','.join(keys)}"] if keys else []
        parts.append(f"range={self.range_words}")
        parts += [f"by={self.by}"] if self.by else []
        parts += [f"most={self.most}"] if self.most else []
        parts += [f"order={self.order} first"] if self.order else []
        return " ".join(parts)


def taken_apart(text: str, names: Names, clock: Clock) -> Query:
    """What is asked? InvalidInput where no measure is named, with what can be asked; nothing is guessed."""
    if not text.strip() or len(text) > LONGEST:
        raise InvalidInput.at("question", f"Ask with 1 to {LONGEST} letters.")
    when = spoken(_plain(text), clock)
    words = tuple(re.findall(r"[^\W_][\w.\-]*", when.rest))
    words, chosen = _parts(words, names)
    words, most = _counted(words)
    words, by = _grouped(words)
    order = _order(words)
    words = tuple(word for word in words if word not in ORDERS)
    words, measures = _matched(words, _measures())
    unknown = tuple(word for word in words if word not in FILLERS)
    if not measures:
        raise InvalidInput.at("question", _help(unknown))
    return _query(measures, chosen, when, by, most, order, unknown)


def _query(
    measures: list[str],
    chosen: dict[str, tuple[str, ...]],
    when: Spoken,
    by: str,
    most: int,
    order: str,
    unknown: Words,
) -> Query:
    specific = [one for one in measures if one not in {STOPS, LOSSES}]
    measure = (specific or measures)[0]
    if by == "reason" or (measure == LOSSES and STOPS in measures):
        measure = STOPS
    by = "reason" if measure == STOPS and not by else by
    if measure == LOSSES:
        by = ""
    if order and not by:
        by = "machine"
    asked = Question(when.start_us, when.end_us, **chosen)
    return Query(measure, asked, when.words, by, most, order, unknown)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[?!,;:\"'()_]", " ", text.casefold()).split())


def _counted(words: Words) -> tuple[Words, int]:
    """ "top 5", "5 worst" and the like: how many rows."""
    for place, word in enumerate(words):
        if word.isdigit() and 0 < int(word) <= 100:
            return words[:place] + words[place + 1 :], int(word)
    return words, 0


def _parts(words: Words, names: Names) -> tuple[Words, dict[str, tuple[str, ...]]]:
    chosen = {}
    for kind in ("machines", "lines", "shifts", "products"):
        words, found = _matched(words, getattr(names, kind))
        chosen[kind] = tuple(dict.fromkeys(found))
    return words, chosen


def _grouped(words: Words) -> tuple[Words, str]:
    """ "by machine", "which machine", "worst machine", and "machine with the least": the dimension."""
    is_ordered = bool(_order(words))
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        is_group = before in {*BEFORE_GROUP, *ORDERS} or (place == 0 and is_ordered)
        if word == "daily" or (word in GROUPS and is_group):
            kept = words[: place - (before in BEFORE_GROUP and place > 0)] + words[place + 1 :]
            return kept, GROUPS[word]
    return words, ""


def _order(words: Words) -> str:
    return next((ORDERS[word] for word in words if word in ORDERS), "")


def _measures() -> dict[str, str]:
    known = {one.id.replace("_", " "): one.id for one in KPIS}
    known |= {_plain(one.name): one.id for one in KPIS}
    return SYNONYMS | known


def _matched(words: Words, phrases: Mapping[str, str]) -> tuple[Words, list[str]]:
    """The meanings of the phrases in the words, the longest first; and the words that are left."""
    found: list[tuple[int, str]] = []
    left: list[str | None] = list(words)
    for phrase in sorted(phrases, key=lambda one: (-len(one.split()), one)):
        parts = _plain(phrase).split()
        for place in range(len(left) - len(parts) + 1) if parts else ():
            if left[place : place + len(parts)] == parts:
                found.append((place, phrases[phrase]))
                left[place : place + len(parts)] = [None] * len(parts)
    return tuple(word for word in left if word is not None), [one for _, one in sorted(found)]


def _help(unknown: Iterable[str]) -> str:
    odd = ", ".join(f"'{word}'" for word in unknown)
    said = f"I do not know what {odd} asks for. " if odd else "The question names no figure. "
    return said + (
        "Name a KPI (OEE, availability, scrap, MTBF, energy per part ...), parts, energy, downtime or "
        "losses; then a machine, line or shift, a time, and 'by machine', 'by day', 'by line', 'by shift' "
        "or 'by reason'."
    )
