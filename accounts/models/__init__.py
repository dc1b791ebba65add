from accounts.models.membership import Membership
from accounts.models.organisation import Organisation
from accounts.models.page import StaticPage
from accounts.models.user import User

__all__ = ["Membership", "Organisation", "StaticPage", "User"]
