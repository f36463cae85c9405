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
# Prints the installed packages that refuse the oldest Python that the course supports.
TOO_NEW = """
from importlib.metadata import distributions
from pip._vendor.packaging.specifiers import SpecifierSet
for found in distributions():
    if not SpecifierSet(found.metadata["Requires-Python"] or "").contains("3.11.0"):
        print(found.metadata["Name"].lower())
"""


def newest_for_oldest(pip: list[str], name: str) -> str:
    """The newest version of a package that Python 3.11.0 can have, as "name==version"."""
    command = [*pip, "index", "versions", name, "--python-version", "3.11.0"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return f"{name}=={re.search(r'[(](.+?)[)]', said).group(1)}"


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
        too_new = subprocess.run([pip[0], "-c", TOO_NEW], check=True, capture_output=True, text=True).stdout.split()
        older = {name: newest_for_oldest(pip, name) for name in too_new}
    lines = [re.sub(r"\+\S+$", "", line) for line in frozen.splitlines() if re.match(r"^[\w.-]+==", line)]
    lines = [older.get(line.split("==")[0].lower(), line) for line in lines]
    cuda = ("nvidia-", "triton")  # these come with one build of PyTorch and no other
    lines = sorted((line for line in lines if not line.startswith(cuda)), key=str.lower)
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"constraints.txt: {len(lines)} packages.")


if __name__ == "__main__":
    main()
