from evaluations.models.answer import Answer, AnswerVector, Question
from evaluations.models.budget import ComputeBudget
from evaluations.models.calibration import EngineCalibration, ReleaseReference
from evaluations.models.decision import Decision
from evaluations.models.engine import Engine
from evaluations.models.gpuclass import GpuClass, GpuPrice
from evaluations.models.imported import ImportedReport, ImportedScore
from evaluations.models.regression import Regression
from evaluations.models.run import Attempt, Run, RunProgress, StateChange
from evaluations.models.score import Score
from evaluations.models.suite import Suite, SuiteVersion, Task

__all__ = [
    "Answer",
    "AnswerVector",
    "Attempt",
    "ComputeBudget",
    "Decision",
    "Engine",
    "EngineCalibration",
    "GpuClass",
    "GpuPrice",
    "ImportedReport",
    "ImportedScore",
    "Question",
    "Regression",
    "ReleaseReference",
    "Run",
    "RunProgress",
    "Score",
    "StateChange",
    "Suite",
    "SuiteVersion",
    "Task",
]
