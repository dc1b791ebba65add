"""Scores for other programs: tables as CSV, JSON and Parquet, and the formats in which others collect results."""

RUN_EXPORTS = ("csv", "json", "parquet", "eee.json")
# Only where the questions are a data set of the Hub.
HUB_EXPORTS = ("eval_results.yaml",)
