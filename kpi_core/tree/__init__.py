"""The KPI tree and its arithmetic: structure, formulas, evaluation over periods."""
