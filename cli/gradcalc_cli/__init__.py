"""The gradcalc command: reads options, calls gradcalc, shows a view; it never computes."""
