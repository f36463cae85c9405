"""Measure speed: `make bench`. Writes tests/bench/RESULTS.md.

What is measured is in tools/bench_parts.py, bench_pixel_parts.py and bench_policy_parts.py, a part a function.
A section is a function of the plan which returns a Section: those on values are in bench_values.py, the one on
pixels in bench_pixels.py, those on policies in bench_policies.py.
"""

import argparse
import datetime
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import bench_pixels
import bench_policies
import bench_values
from bench_measure import QUICK, ROOT, Failed, Plan, Section

from drl_helpers.checkpoint import write_in_one_step

RESULTS = ROOT / "tests" / "bench" / "RESULTS.md"
SECTIONS: dict[str, Callable[[Plan], Section]] = {
    "comparison": bench_values.comparison,
    "parts": bench_values.parts,
    "live": bench_values.live,
    "tabular": bench_values.tabular,
    "cartpole": bench_values.cartpole,
    "pixels": bench_pixels.pixels,
    "policies": bench_policies.policies,
    "headlines": bench_policies.headlines,
}
BESIDE_SB3 = ("comparison", "pixels", "policies")  # sections that cannot do without it


def machine() -> str:
    """This machine, in words."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    name = found.group(1) if found else platform.processor() or "a processor without a name"
    return f"{os.cpu_count()} cores of {name} ({platform.machine()}), {platform.system()}"


def preface(load: str) -> str:
    """When, where and with what."""
    packages = ("torch", "numpy", "gymnasium", "ale-py", "stable-baselines3")
    versions = ", ".join(f"{name} {version(name)}" for name in packages if find_spec(name.replace("-", "_")))
    return f"""\
# How fast it is

Written by `make bench` on {datetime.date.today().isoformat()}; never edited by hand. Scores are tested elsewhere; \
seconds are only reported, here, and hold for this machine: {machine()}{load}. \
Python {platform.python_version()}, {versions}. All on the CPU, one thread a process \
but where a section says otherwise, one process at a time.
"""


def load_now() -> str:
    """How busy the machine is before anything is measured, in words; empty where that cannot be told."""
    if not hasattr(os, "getloadavg"):
        return ""
    return f"; load before the first measurement {os.getloadavg()[0]:.1f}"


def run_sections(names: list[str], plan: Plan) -> list[Section]:
    """Measure and print these sections; end with one sentence where that cannot be done."""
    sections = []
    try:
        for name in names:
            print(f"{name}:", flush=True)
            sections.append(SECTIONS[name](plan))
            print(f"\n{sections[-1].text}", flush=True)
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; nothing was written.")
    except Failed as reason:
        sys.exit(f"\n{reason}. Nothing was written.")
    return sections


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write; end with an error when something falls short of what must be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sections", nargs="*", help=f"only these, printed and not written: {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="try everything in seconds; printed and not written")
    parser.add_argument("--output", type=Path, help="write to this file, also with --quick or with sections named")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.sections) - set(SECTIONS))
    if unknown:
        sys.exit(f"There is no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}.")
    names = options.sections or list(SECTIONS)
    if {*BESIDE_SB3} & {*names} and find_spec("stable_baselines3") is None:
        sys.exit(
            "Stable-Baselines3 is not installed: run 'make bench', which installs it, or "
            "'python3 tools/install.py bench'; or name the sections that do without: "
            f"{', '.join(name for name in SECTIONS if name not in BESIDE_SB3)}."
        )
    plan, load, begun = QUICK if options.quick else Plan(), load_now(), time.monotonic()
    sections = run_sections(names, plan)
    minutes = f"All of it took {(time.monotonic() - begun) / 60:.1f} minutes."
    print("\n".join([*[section.headline for section in sections], minutes]))
    missed = [section.missed for section in sections if section.missed]
    if missed and not options.quick:
        sys.exit(f"\n{'; '.join(missed)}. Nothing was written: was the machine busy with something else?")
    output = options.output or (None if options.quick or options.sections else RESULTS)
    if output is not None:
        try:
            page = "\n".join([preface(load), *[section.text for section in sections], minutes + "\n"])
            write_in_one_step(output, lambda temporary: temporary.write_text(page, encoding="utf-8"))
        except OSError as error:
            sys.exit(f"\n{error}")
        print(f"Written: {output.name}.")


if __name__ == "__main__":
    main()
