"""Clocks for the benchmark. Seconds are of this process alone: "cpu" is computing time, "wall" a wall clock's."""

import time
from collections import Counter

FRESH = 9_000_000  # seeds of final scores begin here; those that choose weights are far below


def timed(work):
    """What `work()` returns, and {"cpu": seconds, "wall": seconds}."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


class Clock:
    """Adds up the seconds spent in the functions it wraps, and how often each was called."""

    def __init__(self):
        self.nanoseconds, self.calls, self.ended = Counter(), Counter(), {}

    def wrap(self, part, function):
        """`function`, timed as `part`."""

        def wrapped(*args):
            begun = time.perf_counter_ns()
            result = function(*args)
            self.ended[part] = time.perf_counter_ns()
            self.nanoseconds[part] += self.ended[part] - begun
            self.calls[part] += 1
            return result

        return wrapped

    @staticmethod
    def own_cost(calls=100_000) -> tuple[float, float]:
        """Seconds that timing adds to a call: those counted as the part's, and all."""
        clock = Clock()

        def nothing():
            pass

        def seconds(function):
            begun = time.perf_counter()
            for _ in range(calls):
                function()
            return time.perf_counter() - begun

        bare, around = seconds(nothing), seconds(clock.wrap("nothing", nothing))
        return max(clock.nanoseconds["nothing"] / 1e9 - bare, 0) / calls, (around - bare) / calls
