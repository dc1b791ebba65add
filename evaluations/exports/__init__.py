"""Scores for other programs: tables as CSV, JSON and Parquet, and the formats in which others collect results."""

RUN_EXPORTS = ("csv", "json", "parquet", "eee.json")
