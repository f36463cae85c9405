"""Make .venv and install the course into it: `make lab` and `make test` call this first.

Runs on any Python 3 with nothing installed, so it uses the standard library alone and no new syntax;
what goes wrong ends in one clear sentence. Does nothing when all is in place.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST, NEWEST = (3, 11), (3, 14)
NO_NETWORK = ("NewConnectionError", "Temporary failure in name resolution", "Could not fetch URL", "ProxyError")


def stop(sentence):
    """End with one sentence."""
    sys.exit("\n" + sentence + "\n")


def venv_folder():
    return os.path.join(ROOT, os.environ.get("VENV") or ".venv")


def venv_python():
    place = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(venv_folder(), *place)


def works(python, code="import sys"):
    """Whether this Python starts and runs `code`."""
    try:
        # -I: what PYTHONPATH offers is not installed.
        return subprocess.call([python, "-I", "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def newer_python():
    """Another Python on this machine that will do, or None."""
    test = "import sys, venv, ensurepip; sys.exit(not {} <= sys.version_info[:2] <= {})".format(OLDEST, NEWEST)
    names = ["python3.{}".format(minor) for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    return next((path for path in map(shutil.which, names) if path and works(path, test)), None)


def check_python():
    """Go on with a Python that will do; say what is missing where there is none."""
    version = "{}.{}".format(*sys.version_info[:2])
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        if works(sys.executable, "import venv, ensurepip"):
            return
        problem = "This Python cannot make virtual environments. On Debian or Ubuntu install the missing part with "
        problem += "'sudo apt install python3-venv', elsewhere use the installer from python.org; then try again."
    else:
        problem = "The course needs Python 3.11 to 3.14, but '{}' is Python {}. ".format(sys.executable, version)
        problem += "Install a newer one, or name one you have: 'make lab PYTHON=python3.12'."
    other = newer_python()
    if other is None:
        stop(problem)
    print("Python {} will not do; going on with {}.".format(version, other))
    sys.exit(subprocess.call([other, os.path.abspath(__file__)] + sys.argv[1:]))


def fingerprint():
    """What the installation depends on: the two files, and where the course lies."""
    parts = [ROOT]
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            parts.append(file.read())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def stamp_file():
    return os.path.join(venv_folder(), "course.json")


def installed():
    """The extras installed by a finished run with the same fingerprint; None when there was none."""
    try:
        with open(stamp_file(), encoding="utf-8") as file:
            stamp = json.load(file)
        return set(stamp["extras"]) if stamp["fingerprint"] == fingerprint() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def make_venv():
    """A .venv that works; a broken one is made anew."""
    folder = venv_folder()
    if works(venv_python(), "import sys; sys.exit(sys.version_info[:2] < {})".format(OLDEST)):
        if works(venv_python(), "import runpy, sys; sys.argv = ['pip', '--version']; runpy.run_module('pip')"):
            return
        print("{} has no pip; adding it.".format(folder))
        if subprocess.call([venv_python(), "-m", "ensurepip", "--upgrade"], stdout=subprocess.DEVNULL) == 0:
            return
    if os.path.exists(folder) and not os.path.isdir(folder):
        stop("'{}' is in the way: it is a file. Rename or remove it, then try again.".format(folder))
    if os.path.isdir(folder) and os.listdir(folder):
        print("{} does not work (was its Python removed, or the folder moved?); making it anew.".format(folder))
    if subprocess.call([sys.executable, "-m", "venv", "--clear", folder]) != 0:
        stop("The virtual environment could not be made in '{}': is the disk full, or read-only?".format(folder))


def pip_install(extras):
    """Install the course with these extras; the packages' own versions come from constraints.txt."""
    target = "." + ("[{}]".format(",".join(sorted(extras))) if extras else "")
    command = [venv_python(), "-m", "pip", "install", "--disable-pip-version-check", "--retries", "2"]
    command += ["-c", "constraints.txt", "-e", target]
    print("Installing the course into {} (about two minutes, the first time).".format(venv_folder()))
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    log = []
    for line in process.stdout:
        log.append(line)
        if line.startswith(("Collecting", "Building", "Installing")):
            print("  " + line.strip()[:100])
    if process.wait() == 0:
        return
    text = "".join(log)
    print(text[-3000:])
    if any(sign in text for sign in NO_NETWORK):
        stop("The packages could not be downloaded: check the network connection, then run the same command again.")
    if "No space left" in text:
        stop("The disk is full: the course needs about 2 GB free, then run the same command again.")
    stop("The installation failed; pip's own words are above. Run the same command again once that is mended.")


def main():
    if sys.version_info[0] < 3:
        stop("The course needs Python 3.11 to 3.14, and this is Python 2: try 'make lab PYTHON=python3'.")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extras", nargs="*", help="extras of pyproject.toml: test, teach, bench")
    wanted = set(parser.parse_args().extras)
    check_python()
    have = installed()
    if have is not None and wanted <= have and works(venv_python(), "import drl_helpers, jupyterlab"):
        return
    make_venv()
    extras = wanted | (have or set())
    pip_install(extras)
    with open(stamp_file(), "w", encoding="utf-8") as file:
        json.dump({"fingerprint": fingerprint(), "extras": sorted(extras)}, file)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop("Interrupted; what was downloaded is kept. Run the same command again to go on.")
    except OSError as error:
        stop("The course could not be installed: {}. Mend that, then run the same command again.".format(error))
