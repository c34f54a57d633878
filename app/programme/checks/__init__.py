"""Yearly checks: planner, draw, inspections, and what is due (art. 13-14, 20-22)."""
