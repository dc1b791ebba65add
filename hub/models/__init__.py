from hub.models.connection import Connection
from hub.models.plan import Plan
from hub.models.publication import Publication
from hub.models.target import Target

__all__ = ["Connection", "Plan", "Publication", "Target"]
