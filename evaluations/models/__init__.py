from evaluations.models.answer import Answer, AnswerVector, Question
from evaluations.models.budget import ComputeBudget
from evaluations.models.engine import Engine
from evaluations.models.gpuclass import GpuClass, GpuPrice
from evaluations.models.regression import Regression
from evaluations.models.run import Attempt, Run, RunProgress, StateChange
from evaluations.models.score import Score
from evaluations.models.suite import Suite, SuiteVersion, Task

__all__ = [
    "Answer",
    "AnswerVector",
    "Attempt",
    "ComputeBudget",
    "Engine",
    "GpuClass",
    "GpuPrice",
    "Question",
    "Regression",
    "Run",
    "RunProgress",
    "Score",
    "StateChange",
    "Suite",
    "SuiteVersion",
    "Task",
]
