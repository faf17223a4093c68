"""Rules of the demo plant, as if they had been made three days ago."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.rules.drafts import Draft
from app.rules.store import add_rule, list_rules

AGE: Final = timedelta(days=3)


def _leaf(parameter: str, operator: str, threshold: float, **more: Any) -> dict[str, Any]:
    return {"kind": "threshold", "parameter": parameter, "operator": operator, "threshold": threshold, **more}


def _level(severity: str, conditions: dict[str, Any]) -> dict[str, Any]:
    return {"severity": severity, "conditions": conditions}


RUNNING: Final = {"kind": "state", "states": ["running"]}
RULES: Final[tuple[tuple[str, str, tuple[str, ...], dict[str, Any]], ...]] = (
    (
        "Vibration while running",
        "Bearings or tools wear out before they fail: plan the work while there is time.",
        ("Two-high reversing mill", "Six-stand finishing mill", "Cold saw", "CNC lathe"),
        {
            "levels": [
                _level(
                    "medium",
                    {
                        "operator": "AND",
                        "conditions": [RUNNING, _leaf("vibration_mm_s", "gt", 4.2, exit=3.8)],
                        "for_s": 120,
                    },
                ),
                _level(
                    "high",
                    {
                        "operator": "AND",
                        "conditions": [RUNNING, _leaf("vibration_mm_s", "gt", 7.1)],
                        "for_s": 60,
                    },
                ),
            ],
            "cooldown_minutes": 60,
            "off_delay_s": 120,
        },
    ),
    (
        "Cooling water too warm",
        "Less cooling shortens the life of panels and cables.",
        ("Electric arc furnace", "Ladle furnace", "Six-stand finishing mill"),
        {
            "conditions": {"kind": "aggregate", "parameter": "cooling_water_c", "measure": "mean",
                           "operator": "gt", "threshold": 44, "window_s": 300},
            "severity": "medium",
            "cooldown_minutes": 120,
            "off_delay_s": 300,
        },
    ),
    (
        "Bearing temperature rises",
        "A bearing that warms up quickly lacks oil.",
        ("Two-high reversing mill", "Six-stand finishing mill"),
        {
            "conditions": {
                "operator": "OR",
                "conditions": [
                    _leaf("bearing_temp_c", "gt", 80, exit=76, for_s=60),
                    {"kind": "delta", "parameter": "bearing_temp_c", "operator": "gt", "threshold": 15,
                     "window_s": 600},
                ],
            },
            "severity": "high",
            "cooldown_minutes": 60,
        },
    ),
    (
        "Spindle overheats",
        "Check coolant and feed before the next part.",
        ("CNC lathe",),
        {
            "levels": [
                _level("low", _leaf("spindle_temp_c", "gt", 54, exit=52, for_s=120)),
                _level("critical", _leaf("spindle_temp_c", "gt", 62, exit=58, for_s=30)),
            ],
            "cooldown_minutes": 30,
        },
    ),
    (
        "Machine is silent",
        "Nothing was heard for ten minutes: check gateway and network.",
        (),
        {
            "conditions": {"kind": "no_data", "parameter": "power_kw", "longer_s": 600},
            "severity": "low",
            "cooldown_minutes": 240,
        },
    ),
)  # fmt: skip


def add_demo_rules(gemba: Gemba, slug: str) -> int:
    """Give the demo plant its rules if it has none; returns how many were made."""
    principal = service(gemba.database, slug, "demo")
    if principal is None:
        return 0
    earlier = replace(gemba, clock=lambda: gemba.clock() - AGE)
    access = Access(earlier, principal)
    if list_rules(access):
        return 0
    for name, description, types, body in RULES:
        scope = "types" if types else "global"
        add_rule(access, Draft(name, body, description, scope, types))
    return len(RULES)
