"""Open JupyterLab on the course: `make lab`."""

import argparse
import errno
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def free(port: int, host: str) -> bool:
    """Whether a server can listen on this port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            sys.exit(f"\n{port} is no port: choose one from 1024 to 65535, for instance 'make lab PORT=8889'.\n")
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                sys.exit(f"\nNo server can listen on {host}, port {port}: {error.strerror}. Choose another one.\n")
            return False
    return True


def first_chapter() -> str:
    """The notebook to open, relative to the course."""
    chapters = sorted((ROOT / "chapters").glob("[0-9][0-9]_*.ipynb"))
    if not chapters:
        sys.exit("\nThere is no chapter in chapters/: get the course again, or restore the folder with git.\n")
    return chapters[0].relative_to(ROOT).as_posix()


def main() -> None:
    """Start the server in place of this process; options that are not ours go on to JupyterLab."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, help="the port to use; without it, the first free one from 8888 on")
    parser.add_argument("--ip", default="127.0.0.1")
    parser.add_argument("--browser", default="", help="'none' opens no browser")
    options, others = parser.parse_known_args()
    host = options.ip if options.ip[:1].isdigit() else "127.0.0.1"
    port = options.port or next((port for port in range(8888, 8988) if free(port, host)), 8888)
    if not free(port, host):
        sys.exit(
            f"\nPort {port} is in use, perhaps by a JupyterLab that still runs: "
            f"choose another one, for instance 'make lab PORT={port + 1}'.\n"
        )
    command = [sys.executable, "-m", "jupyterlab", first_chapter(), f"--port={port}", f"--ip={options.ip}"]
    command += [f"--ServerApp.root_dir={ROOT}", "--ServerApp.port_retries=0"]
    # No question about news and no look for updates: the course needs no network once installed.
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += [f"--LabApp.app_settings_dir={ROOT / 'tools' / 'lab-settings'}"]
    if options.browser == "none":
        command.append("--no-browser")
    elif options.browser:
        command.append(f"--ServerApp.browser={options.browser}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    os.chdir(ROOT)
    if os.name == "nt":  # Windows would detach a replaced process from its console
        import subprocess

        sys.exit(subprocess.call(command + others))
    os.execv(command[0], command + others)


if __name__ == "__main__":
    main()
