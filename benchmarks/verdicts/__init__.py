"""Verdicts of all sites, and the union's table, on PostgreSQL: see `__main__`."""
