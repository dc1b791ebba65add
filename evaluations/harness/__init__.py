"""The environment in which lm-eval runs: pinned, apart from the portal's own, created on first use."""
