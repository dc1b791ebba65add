from portfolio.models.aimodel import AIModel
from portfolio.models.code import CodeCounter
from portfolio.models.milestone import Milestone
from portfolio.models.project import Project
from portfolio.models.proposal import ModelProposal
from portfolio.models.release import ModelRelease
from portfolio.models.usecase import UseCase

__all__ = ["AIModel", "CodeCounter", "Milestone", "ModelProposal", "ModelRelease", "Project", "UseCase"]
