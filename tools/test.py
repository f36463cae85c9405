"""Run all tests: `make test`. Unit tests, then every solution and every unfilled chapter as nbval items."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drl_helpers.course import CHAPTERS

ROOT = Path(__file__).resolve().parents[1]
NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300", "-p", "tests.quiet_notebooks"]
# The longest first, so that no processor waits for the other at the end.
NOTEBOOKS = [
    chapter.slug for chapter in sorted(CHAPTERS, key=lambda chapter: -(chapter.seconds or 0)) if chapter.exists
]
SOLUTIONS, UNFILLED = ([f"{folder}/{slug}.ipynb" for slug in NOTEBOOKS] for folder in ("solutions", "chapters"))
RUNS = {
    "unit tests, checks and mutants": (["tests"], {}),
    "solutions, checks strict, at full budget": ([*NBVAL, *SOLUTIONS], {"DRL_CHECK": "strict"}),
    "chapters, unfilled, at small budget": ([*NBVAL, *UNFILLED], {"DRL_CHECK": "not-started", "DRL_BUDGET": "0.02"}),
}


def main() -> None:
    """Run the three parts in turn; options go on to pytest. Fails when any part did."""
    failed = []
    for title, (arguments, environment) in RUNS.items():
        print(f"\n=== {title} ===", flush=True)
        command = [sys.executable, "-m", "pytest", "-n", str(min(os.cpu_count() or 1, 4)), "--dist=loadscope"]
        command += ["--no-loadscope-reorder"]  # in the order given
        command += [*arguments, *sys.argv[1:]]
        begun = time.monotonic()
        settings = os.environ | {"OMP_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"} | environment
        settings.pop("PYTHONDONTWRITEBYTECODE", None)  # some hundred processes import the course
        with tempfile.TemporaryDirectory() as folder:  # a learner's own trainings are neither read nor changed
            if subprocess.call(command, cwd=ROOT, env=settings | {"DRL_CHECKPOINTS": folder}) != 0:
                failed.append(title)
        print(f"({title}: {time.monotonic() - begun:.0f} s)", flush=True)
    if failed:
        sys.exit("\nFailed: " + "; ".join(failed))
    print("\nAll parts passed.")


if __name__ == "__main__":
    main()
