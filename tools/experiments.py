"""Run the recorded experiments in full: `make experiments`. In parallel over seeds, resumable."""

import argparse
import contextlib
import datetime
import json
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
from tqdm import tqdm

from drl_helpers.exercises.reference import SOLUTIONS, code_cells, solution_namespace
from drl_helpers.records import Experiment, code_hash, folder


def declared(notebook: str) -> dict[str, tuple[Experiment, str]]:
    """The experiments of a solution notebook: record name → (experiment, hash of its code)."""
    sources = [cell["source"] for cell in code_cells(SOLUTIONS / f"{notebook}.ipynb")]
    return {
        value.name: (value, code_hash(sources, name))
        for name, value in solution_namespace(notebook).items()
        if isinstance(value, Experiment)
    }


def notebooks() -> list[str]:
    """The names of all solutions, without ending."""
    return sorted(path.stem for path in SOLUTIONS.glob("*.ipynb"))


def stale() -> list[str]:
    """The names of records that are missing, or older than the code that made them."""
    found = []
    for notebook in notebooks():
        for name, (_, code) in declared(notebook).items():
            try:
                made_by = json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))["code"]
            except (OSError, ValueError, KeyError, TypeError):  # missing or damaged
                made_by = None
            if made_by != code:
                found.append(name)
    return found


def run_seed(notebook: str, name: str, label: str, seed: int, partial: Path) -> dict:
    """One run, in a process of its own; what was finished before is read, not run again."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads(partial.read_text(encoding="utf-8"))
    experiment = declared(notebook)[name][0]
    if "torch" in sys.modules:  # by now the notebook has imported it, where it needs it
        sys.modules["torch"].set_num_threads(1)
    begun = time.process_time()
    result = experiment.run(label, seed)
    result |= {"seed": seed, "seconds": time.process_time() - begun}
    temporary = partial.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(_small(result)), encoding="utf-8")
    temporary.replace(partial)
    return _small(result)


def _small(value):
    """Plain JSON, with numbers to five significant digits."""
    if isinstance(value, dict):
        return {key: _small(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_small(inner) for inner in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.5g}")
    return int(value) if isinstance(value, np.integer) else value


def run(notebook: str, name: str, jobs: int) -> None:
    """Run every seed of every variant of one experiment, and write its record."""
    experiment, code = declared(notebook)[name]
    versions = "-".join(version(package) for package in ("numpy", "gymnasium", "torch"))
    waiting = folder() / ".partial" / f"{name}-{code}-{versions}"
    waiting.mkdir(parents=True, exist_ok=True)
    tasks = [(label, seed) for label in experiment.variants for seed in range(experiment.seeds)]
    files = [waiting / f"{list(experiment.variants).index(label)}-{seed}.json" for label, seed in tasks]
    parallel = joblib.Parallel(n_jobs=jobs, return_as="generator")
    calls = (joblib.delayed(run_seed)(notebook, name, *task, file) for task, file in zip(tasks, files, strict=True))
    runs = {label: [] for label in experiment.variants}
    progress = tqdm(parallel(calls), total=len(tasks), desc=name, mininterval=0.1 if sys.stderr.isatty() else 30)
    for (label, _), result in zip(tasks, progress, strict=True):
        runs[label].append(result)
    made = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores ({platform.machine()})",
        "python": platform.python_version(),
        **{package: version(package) for package in ("numpy", "gymnasium", "torch")},
    }
    record = {
        "name": name,
        "notebook": notebook,
        "code": code,
        "made": made,
        "variants": experiment.variants,
        "runs": runs,
    }
    temporary = folder() / f"{name}.json.new"
    temporary.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    temporary.replace(folder() / f"{name}.json")
    for file in waiting.iterdir():
        file.unlink()
    waiting.rmdir()


def main() -> None:
    """Run the named experiments; without a name, those whose record is missing or stale."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="records to make anew, for instance 01_cliff")
    parser.add_argument("--all", action="store_true", help="make every record anew")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    os.environ.pop("DRL_BUDGET", None)  # records are made at full budget
    folder().mkdir(parents=True, exist_ok=True)
    known = {name: notebook for notebook in notebooks() for name in declared(notebook)}
    unknown = set(options.names) - set(known)
    if unknown:
        sys.exit(f"There is no experiment {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    wanted = list(known) if options.all else options.names or stale()
    for name in wanted:
        run(known[name], name, options.jobs)
    print("Records made: " + (", ".join(wanted) if wanted else "none; all are up to date") + ".")


if __name__ == "__main__":
    main()
