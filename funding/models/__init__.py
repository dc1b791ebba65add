from funding.models.allotment import ComputeAllotment
from funding.models.award import Award
from funding.models.entry import Entry
from funding.models.plan import BudgetLine, FinancePlanVersion, PlannedAmount, Source
from funding.models.programme import Programme
from funding.models.rulepack import RulePack, RulePackVersion

__all__ = [
    "Award",
    "BudgetLine",
    "ComputeAllotment",
    "Entry",
    "FinancePlanVersion",
    "PlannedAmount",
    "Programme",
    "RulePack",
    "RulePackVersion",
    "Source",
]
