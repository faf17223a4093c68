"""Control charts: the chart, the rules that points break, the capability."""
