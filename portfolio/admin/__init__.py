from portfolio.admin import aimodels, projects, proposals, usecases  # noqa: F401
