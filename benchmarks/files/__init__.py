"""Files in bulk: a long list imported, a district's posters, a city's workbook. ``python -m benchmarks.files``."""
