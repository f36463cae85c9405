"""Write constraints.txt from a fresh environment with the newest packages: `make constraints`."""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# Every package at the version the course was last verified with. Generated: `make constraints`
# installs pyproject.toml with all extras, unconstrained, into a fresh environment, and lists it.
# Then run `make test`. Build tags such as +cpu are dropped, so that any build of PyTorch will do.
"""


def requirements() -> list[str]:
    """What pyproject.toml asks for, extras included, but for the course itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [item for extra in project["optional-dependencies"].values() for item in extra]
    return [item for item in project["dependencies"] + extras if not item.startswith(project["name"])]


def main() -> None:
    """KEEP="torch==2.13.0" in the environment holds packages back."""
    keep = os.environ.get("KEEP", "").split()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip"]
        subprocess.run([*pip, "install", "-q", *keep, *requirements()], check=True)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout
    lines = [re.sub(r"\+\S+$", "", line) for line in frozen.splitlines() if re.match(r"^[\w.-]+==", line)]
    cuda = ("nvidia-", "triton")  # these come with one build of PyTorch and no other
    lines = sorted((line for line in lines if not line.startswith(cuda)), key=str.lower)
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"constraints.txt: {len(lines)} packages.")


if __name__ == "__main__":
    main()
