"""The suites that ship with the portal. A published version is never edited: a change is the next number."""

from evaluations.catalogue import european, german
from evaluations.catalogue.source import TASKS, SuiteSource, TaskSource

__all__ = ["SUITES", "TASKS", "SuiteSource", "TaskSource"]

SUITES = (german.SMOKE, german.CORE, german.ENGINEERING, german.LEGACY, european.CORE)
