"""PostgreSQL, Valkey and the portal's own processes on one machine, for ``./run``.

Nothing here imports Django: these modules start the services that Django needs. Production runs none of this.
"""
