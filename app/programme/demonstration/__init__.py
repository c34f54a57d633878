"""Demonstration: calls, quotas, ranking, panel review, publication, titles and their revocation (art. 15-22)."""
