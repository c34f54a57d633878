"""Tests of the search for inflated numbers."""
