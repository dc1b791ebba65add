from accounts.models import User
from cesai.lib.dashboard import Dashboard


def dashboard(user: User) -> Dashboard:
    return Dashboard()
