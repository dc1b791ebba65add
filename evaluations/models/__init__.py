from evaluations.models.budget import ComputeBudget
from evaluations.models.engine import Engine
from evaluations.models.gpuclass import GpuClass, GpuPrice
from evaluations.models.run import Attempt, Run, RunProgress, StateChange
from evaluations.models.score import Score
from evaluations.models.suite import Suite, SuiteVersion, Task

__all__ = [
    "Attempt",
    "ComputeBudget",
    "Engine",
    "GpuClass",
    "GpuPrice",
    "Run",
    "RunProgress",
    "Score",
    "StateChange",
    "Suite",
    "SuiteVersion",
    "Task",
]
