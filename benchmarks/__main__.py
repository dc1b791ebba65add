"""`./run bench`: lists the benchmarks, or runs one."""

import sys
from importlib import import_module

from benchmarks import BENCHMARKS


def main(argv: list[str]) -> int:
    name, *rest = argv or [""]
    if name in BENCHMARKS:
        return import_module(f"benchmarks.{name}").main(rest)
    out = sys.stderr if name else sys.stdout
    if name:
        out.write(f"There is no benchmark “{name}”.\n")
    out.write("usage: ./run bench NAME [ARGUMENT …]\n\n")
    out.writelines(f"  {each:<12} {description}\n" for each, description in BENCHMARKS.items())
    return 2 if name else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
