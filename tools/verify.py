"""Verify every headline in full: `make verify`. All experiments anew, then the solutions' assertions on them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """The stored records stay untouched: new ones go to a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DRL_RECORDS": folder, "DRL_CHECK": "strict"}
        python = [sys.executable]
        subprocess.run([*python, "tools/experiments.py", "--all"], cwd=ROOT, env=environment, check=True)
        options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=600", "solutions"]
        code = subprocess.call([*python, "-m", "pytest", "-q", *options], cwd=ROOT, env=environment)
    sys.exit(code)


if __name__ == "__main__":
    main()
