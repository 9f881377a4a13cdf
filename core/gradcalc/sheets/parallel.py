"""Many submissions at once: on the cores of this machine through joblib, or a cluster through dask."""

from __future__ import annotations

import pickle
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from ..code.process import end_all
from ..errors import GradcalcError
from .assignment import Assignment
from .marker import Marker
from .result import Graded
from .submission import Submission

SHARE = 50  # submissions of numbers alone in one share of the work; of code, one
MOMENT = 0.01


def graded(
    assignment: Assignment, submissions: Iterable[Submission], jobs: int = 1, scheduler: str | None = None
) -> Iterator[Graded]:
    """The results of all submissions, in their order, whatever `jobs` and `scheduler` are.

    Raises GradcalcError (kind "missing") where the extra for it is not installed.
    """
    if scheduler is not None:
        yield from on_cluster(assignment, submissions, scheduler)
        return
    if jobs > 1:
        joblib = extra("joblib", "--jobs", "jobs")
        if assignment.files:
            yield from in_threads(joblib, Marker(assignment), submissions, jobs)
            return
        if any(problem.variant for problem in assignment.problems):
            yield from in_processes(joblib, assignment, submissions, jobs)
            return
    # Where all have the same numbers, to judge an answer takes less time than to send it somewhere.
    yield from map(Marker(assignment).grade, submissions)


def in_processes(
    joblib: Any, assignment: Assignment, submissions: Iterable[Submission], jobs: int
) -> Iterator[Graded]:
    """Numbers of everybody's own: every student's keys are work, and Python's own."""
    packed = pickle.dumps(assignment)
    work = joblib.Parallel(n_jobs=jobs, return_as="generator")
    try:
        shares = batches(submissions, SHARE)
        for results in work(joblib.delayed(uninterrupted)(packed, part) for part in shares):
            yield from results
    except OSError as error:  # a machine that can't make semaphores, say
        raise GradcalcError(f"--jobs {jobs}: {error}", hint="leave out --jobs") from None


def in_threads(joblib: Any, marker: Marker, submissions: Iterable[Submission], jobs: int) -> Iterator[Graded]:
    """Code, which runs in processes of its own: threads wait for them."""
    hands = Hands(marker)
    work = joblib.Parallel(n_jobs=jobs, backend="threading", return_as="generator")
    try:
        yield from work(joblib.delayed(hands.grade)(submission) for submission in submissions)
    finally:
        hands.stop()


class Hands:
    """One marker for several threads, which can be told to drop what they have in hand."""

    def __init__(self, marker: Marker) -> None:
        self.marker = marker
        self.lock = threading.Lock()
        self.busy = 0
        self.stopped = False

    def grade(self, submission: Submission) -> Graded | None:
        """One student's result; None once it is too late for it."""
        with self.lock:
            if self.stopped:
                return None
            self.busy += 1
        try:
            return self.marker.grade(submission)
        finally:
            with self.lock:
                self.busy -= 1

    def stop(self) -> None:
        """Begin nothing more, and end the processes that still run."""
        with self.lock:
            self.stopped = True
        while self.busy:
            end_all()
            time.sleep(MOMENT)


def on_cluster(assignment: Assignment, submissions: Iterable[Submission], scheduler: str) -> Iterator[Graded]:
    """The work on a dask cluster, window by window."""
    packed, shares = pickle.dumps(assignment), batches(submissions, 1 if assignment.files else SHARE)
    joblib = extra("joblib", "--scheduler", "cluster")
    distributed = extra("distributed", "--scheduler", "cluster")
    try:
        client = distributed.Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise GradcalcError(f"no scheduler answers at {scheduler}: {error}", kind="usage") from None
    with client, joblib.parallel_config(backend="dask"):
        window = 4 * max(1, len(client.scheduler_info()["workers"]))
        while parts := list(islice(shares, window)):
            for results in joblib.Parallel()(joblib.delayed(at_worker)(packed, part) for part in parts):
                yield from results


def batches(submissions: Iterable[Submission], size: int) -> Iterator[list[Submission]]:
    """The submissions in shares."""
    stream = iter(submissions)
    while part := list(islice(stream, size)):
        yield part


def extra(name: str, option: str, group: str) -> Any:
    """An optional library, or a clear message."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise GradcalcError(
            f"{option} needs {name}, which is not installed",
            kind="missing",
            hint=f"pip install 'gradcalc[{group}]'",
        ) from None


@lru_cache(maxsize=4)
def marker_of(packed: bytes) -> Marker:
    """A worker's marker, made once."""
    return Marker(pickle.loads(packed))


def at_worker(packed: bytes, submissions: Sequence[Submission]) -> list[Graded]:
    """One share of the work."""
    marker = marker_of(packed)
    return [marker.grade(submission) for submission in submissions]


def uninterrupted(packed: bytes, submissions: Sequence[Submission]) -> list[Graded]:
    """One share, in a process that leaves Ctrl-C to the one that reads its results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return at_worker(packed, submissions)
