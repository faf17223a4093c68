"""Rules: conditions over samples become truth intervals, and these become alerts.

Everything here is pure. Live evaluation, replay and backtest call the same functions: `step` advances a rule
over one stretch of time and gives its events and the state to go on from, and the events of a stretch do not
depend on how it was cut into steps.
"""

from analytics.rules.conditions import Condition, parse, problems
from analytics.rules.inputs import Inputs, Series, StateSpans
from analytics.rules.life import Event
from analytics.rules.rule import Rule, parse_rule
from analytics.rules.stepping import RuleState, fresh_state, step

__all__ = [
    "Condition",
    "Event",
    "Inputs",
    "Rule",
    "RuleState",
    "Series",
    "StateSpans",
    "fresh_state",
    "parse",
    "parse_rule",
    "problems",
    "step",
]
