"""The Ray engine: the stages of a screening on Ray Data, on this machine or on a cluster.

Parts are written where the local engine writes them, with the same content; a run that one engine began, the other
ends. What a machine or an actor that was killed had in hand is done again, and a driver that was killed is resumed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import queue
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from app.screening.engines.crew import EngineError
from app.screening.engines.handing_over import HandingOver, file_system
from app.screening.engines.local_engine import check_workers
from app.screening.engines.ray_stages import Errand, Screen, Told, load_same_work, read
from app.screening.engines.reading import RowCounter, open_input
from app.screening.engines.worker_process import MakeWork, disk_sentence
from app.screening.run_folder import Run
from app.screening.run_progress import Recorder
from datasets.readers.streams import Source

RAY: Final = "ray[data]==2.60.0"
_ADDRESS: Final = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_TICK = 0.25
_ANSWER = 10
"""Seconds in which a cluster must answer; Ray itself would wait for minutes without a word."""
_STORE: Final = 512 << 20
"""Bytes of shared memory of a local cluster; parts that wait are a few megabytes."""
_PATIENCE = 60
"""Times the time limit of a row after which a run that does not go on at all is ended."""
_LEAST_PATIENCE = 1800.0


def run_ray(
    run: Run,
    workers: int | None = None,
    *,
    address: str | None = None,
    through: str | None = None,
    make_work: MakeWork = load_same_work,
    report: Callable[[Recorder], None] = lambda recorder: None,
) -> None:
    """Do what is left of a run on a Ray cluster; only for who holds its claim.

    Parameters
    ----------
    run
        The run.
    workers
        Actors of one core each; as many as the cluster has cores if None.
    address
        Of a running cluster, `host:port` or `auto`; a cluster of this machine alone is started if None.
    through
        A folder or object path through which machines that do not share the run folder hand parts over.
    make_work
        Makes the work of a part in each worker.
    report
        Told of the progress a few times a second.

    Raises
    ------
    EngineError
        If it had to end before its time, with a sentence.
    ValueError
        If Ray is missing, or a setting makes no sense.
    """
    check_workers(workers)
    if address is not None and address != "auto" and not _ADDRESS.fullmatch(address):
        raise ValueError(f"address is {address!r}; expected host:port or auto, on a machine of the cluster")
    ray = _imported()
    run.sweep()
    place = None if through is None else _place(run, through)
    done = run.parts()
    errand = Errand(run, tuple(done), make_work, place)
    counter = RowCounter(open_input(run), Source(run.input.name, run.input, None))
    try:
        with Recorder(run, counter, list(done.values()), report) as recorder, _cluster(ray, address, workers):
            for told in _beside(lambda: _told(ray, errand, workers)):
                if told is not None:
                    _note(told, run, place, recorder)
                recorder.tick()
    except OSError as error:
        raise EngineError(disk_sentence(error)) from error
    finally:
        counter.stop()


def _place(run: Run, through: str) -> HandingOver:
    """Take what a driver that was killed left there."""
    file_system(through)
    identity = hashlib.sha256(json.dumps(run.record, sort_keys=True).encode()).hexdigest()[:16]
    place = HandingOver(through, identity)
    try:
        for number in place.waiting():
            place.take(number, run)
    except OSError as error:
        raise EngineError(f"the place to hand parts over cannot be used ({type(error).__name__})") from error
    return place


def _note(told: Told, run: Run, place: HandingOver | None, recorder: Recorder) -> None:
    if told.failed:
        raise EngineError(told.failed)
    for row, code in told.given_up.items():
        run.give_up(row, code)
    if place is not None:
        place.take(told.number, run)
    recorder.add(told.rows)


def _told(ray: Any, errand: Errand, workers: int | None) -> Iterator[Told]:
    """Run the stages; yields what becomes of each part."""
    from ray.data import ActorPoolStrategy, DataContext, from_items

    cores = int(ray.cluster_resources().get("CPU", 0))
    if not cores:
        raise EngineError("the Ray cluster has no cores to work with")
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    # Every part is a block of its own, so that any actor can take it.
    context.target_max_block_size = 1
    context.execution_no_progress_timeout_s = max(_LEAST_PATIENCE, _PATIENCE * errand.run.settings.time_limit)
    here = {"ray.io/node-id": ray.get_runtime_context().get_node_id()}
    reader: Any = read
    parts = from_items([{"run": 0}]).map_batches(
        reader, fn_kwargs={"errand": errand}, batch_size=None, num_cpus=0, label_selector=here
    )
    done = parts.map_batches(
        Screen,
        fn_constructor_kwargs={"errand": errand},
        batch_size=None,
        num_cpus=1,
        compute=ActorPoolStrategy(size=workers or cores, max_tasks_in_flight_per_actor=2),
    )
    for batch in done.iter_batches(batch_size=None, batch_format="numpy", prefetch_batches=0):
        yield from Told.of(batch)


def _beside(work: Callable[[], Iterator[Told]]) -> Iterator[Told | None]:
    """What `work` yields, and None a few times a second, so that progress and Ctrl-C never wait for a part."""
    found: queue.SimpleQueue[Told | BaseException | None] = queue.SimpleQueue()

    def collect() -> None:
        try:
            for told in work():
                found.put(told)
            found.put(None)
        except BaseException as error:  # noqa: BLE001  # it is raised where it can be told
            found.put(error)

    threading.Thread(target=collect, daemon=True).start()
    while True:
        try:
            told = found.get(timeout=_TICK)
        except queue.Empty:
            yield None
            continue
        if told is None:
            return
        if isinstance(told, EngineError):
            raise told
        if isinstance(told, BaseException):
            raise EngineError(f"Ray ended the work ({_last_line(told)})") from told
        yield told


@contextmanager
def _cluster(ray: Any, address: str | None, workers: int | None) -> Iterator[None]:
    """Be connected with a cluster."""
    if ray.is_initialized():
        yield
        return
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    logging.getLogger("ray").setLevel(logging.ERROR)
    # A run that is cancelled is an error there.
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        if address is None:
            # Without "local", Ray would join whatever cluster runs here.
            ray.init(
                "local",
                num_cpus=workers or os.cpu_count() or 1,
                include_dashboard=False,
                object_store_memory=_STORE,
                **quiet,
            )
        else:
            _knock(address)
            ray.init(address, **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        where = "no Ray cluster could be started here" if address is None else f"no Ray cluster answers at {address}"
        raise EngineError(f"{where} ({_last_line(error)})") from error
    finally:
        # Ray sets a handler of its own, which would not end a run as other engines do.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_sigterm)
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Make sure that something answers at an address.

    Raises
    ------
    OSError
        If nothing does.
    """
    if found := _ADDRESS.fullmatch(address):
        socket.create_connection((found["host"].strip("[]"), int(found["port"])), timeout=_ANSWER).close()


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _imported() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # What Ray would print in between is told in a sentence at the end, where it matters.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    # Else whatever still runs when a run is cancelled would start a cluster of its own.
    os.environ["RAY_ENABLE_AUTO_CONNECT"] = "0"
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ValueError(f'the engine ray needs Ray; install it with: python -m pip install "{RAY}"') from error
    return ray
