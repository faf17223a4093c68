"""Statistical process control: control charts, the Nelson rules, capability."""

from analytics.spc.capability import Capability, capability
from analytics.spc.charts import Chart, ewma, individuals, xbar_r
from analytics.spc.nelson import RULES, violations

__all__ = ["RULES", "Capability", "Chart", "capability", "ewma", "individuals", "violations", "xbar_r"]
