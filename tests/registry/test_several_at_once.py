"""Promise 6: two windows on one project work; no "database is locked", nothing lost."""

import threading

import pytest

from app.core.runs import RunState
from app.errors import EnvironmentProblem, NotAllowed
from app.registry import audit, database, datasets, environments, models, runs
from app.registry.project import Project

PROCESSES = 4


def _write_much(path, reading, times, begin=None):
    """Read, then write: what every operation of a project does."""

    def work(tell):
        if begin is not None:
            database.BEGIN_WRITE = begin
            database.BUSY_TIMEOUT_S = 10.0
        with Project.open(path, actor="Child") as project:
            for n in range(times):
                try:
                    datasets.select_reading(project, reading.id)
                    tell("done", str(n))
                except EnvironmentProblem as problem:
                    tell("refused", problem.details)

    return work


def _at_once(story, crash, path, times, begin=None):
    with Project.create(path, actor="Ann") as project:
        _, reading = story.add(project, "a")
    children = [crash.fork(_write_much(path, reading, times, begin)) for _ in range(PROCESSES)]
    assert [child.wait() for child in children] == [0] * PROCESSES
    kinds = [kind for child in children for kind, _ in child.confirmed]
    return kinds.count("done"), kinds.count("refused")


def test_four_processes_write_and_nothing_is_refused_or_lost(tmp_path, story, crash, count):
    times = count(100, 1000)
    assert _at_once(story, crash, tmp_path / "p", times) == (PROCESSES * times, 0)
    with Project.open(tmp_path / "p", actor="Ann") as project:
        assert audit.count(project) == 2 + PROCESSES * times
        assert audit.verify_chain(project) == []


def test_the_mutant_that_begins_deferred_is_refused(tmp_path, story, crash):
    done, refused = _at_once(story, crash, tmp_path / "p", 50, begin="BEGIN")
    assert refused > 0
    assert done + refused == PROCESSES * 50


def test_a_transaction_that_waits_too_long_is_told_in_words(project, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    other = database.Database(project.database.path)
    with project.database.write(), pytest.raises(EnvironmentProblem, match="Another program is writing"), other.write():
        pass
    other.close()


def test_a_change_by_anybody_moves_the_change_counter(project):
    before = project.change_counter()
    assert project.change_counter() == before
    project.rename("mine")
    mine = project.change_counter()
    with Project.open(project.path, actor="Bob") as other:
        assert project.change_counter() == mine
        other.rename("theirs")
    assert len({before, mine, project.change_counter()}) == 3


def test_a_reader_sees_one_moment(project):
    other = database.Database(project.database.path)
    with other.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM audit").scalar()
        project.rename("meanwhile")
        assert connection.exec_driver_sql("SELECT count(*) FROM audit").scalar() == before
    other.close()


def test_an_error_undoes_the_whole_transaction(project):
    with pytest.raises(KeyError), project.database.write() as connection:
        audit.record(connection, project, "test", "nothing", {})
        with project.database.write() as inner:
            audit.record(inner, project, "test", "nothing", {})
        raise KeyError
    assert audit.entries(project, verb="test") == []


def test_a_part_that_failed_and_was_caught_is_undone_alone(project):
    with project.database.write() as connection:
        audit.record(connection, project, "test", "kept", {})
        with pytest.raises(KeyError), project.database.write() as inner:
            audit.record(inner, project, "test", "undone", {})
            raise KeyError
        audit.record(connection, project, "test", "kept too", {})
    assert [entry.noun for entry in audit.entries(project, verb="test")] == ["kept too", "kept"]
    assert audit.verify_chain(project) == []


def test_a_transaction_does_not_reword_the_callers_own_errors(project):
    with pytest.raises(FileNotFoundError), project.database.write():
        (project.path / "nothing").read_bytes()


def test_a_database_that_was_moved_away_is_told_and_none_is_made(project, tmp_path):
    project.close()
    project.path.rename(tmp_path / "elsewhere")
    project.path.mkdir()
    with pytest.raises(EnvironmentProblem, match="gone"):
        audit.count(project)
    assert list(project.path.iterdir()) == []


def test_a_reading_transaction_does_not_turn_into_a_writing_one(project):
    with project.database.read(), pytest.raises(RuntimeError, match="cannot start to write"), project.database.write():
        pass


def test_closing_waits_for_work_and_never_breaks_it(project, story):
    """Pages ask from threads of their own while a window closes its project."""
    stop, problems = threading.Event(), []

    def ask():
        while not stop.is_set():
            try:
                audit.entries(project)
                project.change_counter()
            except Exception as error:
                problems.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(30):
        project.rename(f"name {n}")
        project.close()
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert audit.count(project) == 31


def test_closing_does_not_wait_for_ever(project, monkeypatch):
    monkeypatch.setattr(database, "_CLOSE_WAIT_S", 0.05)
    inside, leave, seen = threading.Event(), threading.Event(), []

    def work():
        with project.database.read() as connection:
            inside.set()
            leave.wait(20)
            seen.append(connection.exec_driver_sql("SELECT count(*) FROM audit").scalar())

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(20)
    project.database.close()
    leave.set()
    thread.join()
    assert seen == [1]


def test_connections_of_ended_threads_are_closed(project):
    for _ in range(5):
        thread = threading.Thread(target=lambda: audit.count(project))
        thread.start()
        thread.join()
    assert len(project.database._held) <= 2


class ConnectsMeanwhile(threading.Thread):
    """A living thread: while somebody looks at it, another one connects."""

    def __init__(self, held):
        super().__init__()
        self.held = held

    def is_alive(self):
        self.held[-2] = database._Held(threading.current_thread(), None)
        return True


def test_a_thread_that_connects_anew_while_another_one_tidies_up_breaks_nothing(project):
    held = project.database._held
    held[-1] = database._Held(ConnectsMeanwhile(held), None)
    counts = []
    thread = threading.Thread(target=lambda: counts.append(audit.count(project)))
    thread.start()
    thread.join()
    del held[-1], held[-2]
    assert counts == [1]


def _race(*works):
    """Run all at once, each in a thread: what each returned or raised."""
    outcomes = [None] * len(works)
    gate = threading.Barrier(len(works))

    def go(n, work):
        gate.wait()
        try:
            outcomes[n] = work()
        except NotAllowed as error:
            outcomes[n] = error

    threads = [threading.Thread(target=go, args=(n, work)) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_the_same_bytes_added_twice_at_once_make_one_version(project, story):
    new = story.new_version(project, "same")
    outcomes = _race(*[lambda: datasets.record_version(project, new)] * 4)
    assert sum(isinstance(outcome, NotAllowed) for outcome in outcomes) == 3
    assert len(datasets.datasets(project)) == 1


def test_a_candidate_approved_twice_at_once_is_one_version(project, story):
    version, reading = story.add(project, "a")
    run = story.start(project, version, reading)
    candidate = story.fit(project, run)
    outcomes = _race(*[lambda: story.approve(project, run, candidate)] * 4)
    assert sum(isinstance(outcome, NotAllowed) for outcome in outcomes) == 3
    assert [v.number for v in models.model_versions(project)] == [1]


def test_a_run_ended_twice_at_once_ends_once(project, story):
    run = story.start(project, *story.add(project, "a"))
    ends = (RunState.FINISHED, RunState.CANCELLED, RunState.INTERRUPTED)
    outcomes = _race(*(lambda state=state: runs.end_run(project, run.id, state) for state in ends))
    assert sum(isinstance(outcome, NotAllowed) for outcome in outcomes) == 2
    assert len(audit.entries(project, text=run.id)) == 2


def test_environments_that_several_change_at_once_keep_every_change(project):
    names = ["one", "two", "three"]
    adds = [lambda name=name: environments.add_environment(project, name) for name in names]
    _race(*adds, lambda: environments.change_environment(project, "staging", new_name="test"))
    told = [place.name for place in environments.environments(project)]
    assert (told[:3], sorted(told[3:])) == (["development", "test", "production"], sorted(names))
