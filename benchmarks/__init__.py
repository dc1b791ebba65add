"""Measurements of the portal, each with the command `./run bench NAME`. Figures stand in docs/benchmarks.md."""

# A benchmark is the module of its name; its `main(argv)` prints Markdown and returns an exit status.
BENCHMARKS = {
    "start": "fresh clone to first page, second start, memory of all processes",
    "tests": "the whole test run",
    "evaluations": "what a tick asks a real Slurm, from 1 to 500 live runs",
    "servers": "processor time per request under WSGI and under ASGI",
    "answers": "pages of a million answers, comparisons and leaderboards",
}
