"""Filled score sheets: self-checks, acceptances, inspections, panel reviews."""
