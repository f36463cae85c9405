"""An interrupt (■ in the toolbar) that waits until nothing is half done."""

import _thread
import contextlib
import signal
import sys
import threading
import time

SILENCE = 2.0  # seconds without a report after which an interrupt is not kept waiting for the next one


class Interruptible:
    """A context in which an interrupt takes effect at the next `report`.

    Anywhere else it may fall between an episode's end and the reset, or into the beginning of
    `torch.no_grad`, which then never ends. Where no report comes for two seconds it takes effect all
    the same, and a second interrupt does at once. Outside the main thread, where Python allows no
    handler, nothing is changed.
    """

    def __init__(self):
        self._asked, self._over, self._reported, self._undo = False, False, 0.0, contextlib.ExitStack()

    def __enter__(self):
        self._asked, self._over, self._reported = False, False, time.monotonic()
        if threading.current_thread() is threading.main_thread():
            self._undo.callback(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, self._ask))
        if (torch := sys.modules.get("torch")) is not None:
            self._undo.callback(torch.set_grad_enabled, torch.is_grad_enabled())
        return self

    def __exit__(self, kind, error, trace):
        self._over = True  # whatever else is asked for comes too late
        self._undo.close()

    def report(self) -> None:
        """Say that nothing is half done now.

        Raises:
            KeyboardInterrupt: one was asked for since the last report.
        """
        self._reported = time.monotonic()
        if self._asked:
            raise KeyboardInterrupt

    def _ask(self, *_):
        if self._over:
            return
        if self._asked or time.monotonic() - self._reported > SILENCE:
            raise KeyboardInterrupt
        self._asked = True
        again = threading.Timer(SILENCE, _thread.interrupt_main)
        again.daemon = True
        self._undo.callback(again.join)
        self._undo.callback(again.cancel)
        again.start()
