"""gradcalc grade for many: jobs, a cluster, resuming, and files that are whole or not there."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "samples" / "homework"
HOMEWORK, CLASS, BO = (str(FOLDER / name) for name in ("homework.toml", "class.csv", "bo.toml"))
GOOD = (FOLDER / "ada_layers.py").read_text(encoding="utf-8")
SCORES = [6, 0, 6, 0, 4, 6]


def environment() -> dict[str, str]:
    """That of a process which runs this project."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("core", "cli"))}


def process(*args: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "gradcalc", "grade", *args]
    return subprocess.run(command, capture_output=True, env=environment(), check=False, timeout=240)


@pytest.fixture
def code(tmp_path: Path) -> tuple[str, ...]:
    """An assignment and six students' files, of which one hangs and one ends its process."""
    for k, text in enumerate(
        (GOOD, "while True:\n    pass\n", GOOD, "import os\nos._exit(3)\n",
         GOOD.replace("np.sum(", "np.mean("), GOOD)
    ):  # fmt: skip
        (tmp_path / f"s{k}_layers.py").write_text(text, encoding="utf-8")
    sheet = (FOLDER / "layers.toml").read_text(encoding="utf-8").replace("timeout = 20", "timeout = 10")
    (tmp_path / "hw.toml").write_text(sheet, encoding="utf-8")
    return (str(tmp_path / "hw.toml"), *(str(tmp_path / f"s{k}_layers.py") for k in range(6)))


def test_jobs_change_nothing(run: Run, code: tuple[str, ...]) -> None:
    """The results and their order are the same for one job and for two; who hangs or crashes stands alone."""
    one = run("grade", *code, "--format", "jsonl")
    assert [json.loads(line)["score"] for line in one.out.splitlines()] == SCORES
    pytest.importorskip("joblib", reason="joblib is not installed")
    two = process(*code, "--format", "jsonl", "--jobs", "2")
    assert (two.stdout.decode(), two.returncode) == (one.out, 1)


@pytest.mark.parametrize("sheet", ["homework.toml", "own.toml"])
def test_jobs_for_a_class_of_numbers(run: Run, tmp_path: Path, sheet: str) -> None:
    """The statistics too; everybody's own numbers take more than one share of the work."""
    pytest.importorskip("joblib", reason="joblib is not installed")
    path = tmp_path / "class.csv"
    path.write_text("student,p1.da,p1.dx\n" + "".join(f"s{k},2,{-k}\n" for k in range(60)), encoding="utf-8")
    args = (str(FOLDER / sheet), str(path), "--format", "json")
    assert process(*args, "--jobs", "2").stdout.decode() == run("grade", *args).out


@pytest.fixture
def cluster() -> Iterator[str]:
    """A scheduler and two workers on this machine."""
    pytest.importorskip("distributed", reason="distributed is not installed")
    program = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [*program, "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"],
        stderr=subprocess.PIPE, env=environment(), text=True,
    )  # fmt: skip
    assert scheduler.stderr is not None
    address = next(
        line.split("Scheduler at:")[1].strip() for line in scheduler.stderr if "Scheduler at:" in line
    )
    workers = [
        subprocess.Popen(
            [*program, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(),
        )
        for _ in range(2)
    ]  # fmt: skip
    yield address
    processes: list[subprocess.Popen[Any]] = [*workers, scheduler]
    for one in processes:
        one.kill()
        one.wait()
    scheduler.stderr.close()


def test_on_a_cluster(run: Run, code: tuple[str, ...], cluster: str) -> None:
    """A scheduler and two workers give what one process gives."""
    paths = (code[0], code[1], code[3], code[5])
    ran = process(*paths, "--format", "jsonl", "--scheduler", cluster)
    assert ran.stdout.decode() == run("grade", *paths, "--format", "jsonl").out


CLASS_LINES = (FOLDER / "class.csv").read_text(encoding="utf-8").splitlines()


def scores(results: bytes, ending: str) -> list[float]:
    """The totals in a file of results."""
    text = results.decode()
    if ending == "jsonl":
        return [json.loads(line)["score"] for line in text.splitlines()]
    return [float(row["score"]) for row in csv.DictReader(io.StringIO(text)) if row["item"] == "total"]


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.73, 1.0])
def test_resume(run: Run, tmp_path: Path, ending: str, share: float) -> None:
    """Wherever a file was cut, going on makes it whole, and nobody is graded twice."""
    path = tmp_path / f"results.{ending}"
    run("grade", HOMEWORK, CLASS, "--output", str(path))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    rows = CLASS_LINES
    kept = (
        path.read_bytes().count(b"\n")
        if ending == "jsonl"
        else path.read_bytes().rpartition(b"\n")[0].count(b",,total,")
    )
    other = tmp_path / "class.csv"
    other.write_text(
        "\n".join([rows[0], *(f"{row.split(',')[0]},x" + ",0" * 6 for row in rows[1:])]), "utf-8"
    )
    run("grade", HOMEWORK, str(other), "--output", str(tmp_path / f"other.{ending}"))
    ran = run("grade", HOMEWORK, CLASS, "--output", str(path), "--resume")
    assert (path.read_bytes(), ran.out) == (whole, "")
    # Who stood in it whole is not graded again, whatever is handed in now.
    path.write_bytes(whole[: int(len(whole) * share)])
    run("grade", HOMEWORK, str(other), "--output", str(path), "--resume")
    zeros = (tmp_path / f"other.{ending}").read_bytes()
    assert scores(path.read_bytes(), ending) == [
        *scores(whole, ending)[:kept], *scores(zeros, ending)[kept:],
    ]  # fmt: skip


def test_resume_knows_names_that_look_like_formulas(run: Run, tmp_path: Path) -> None:
    """They have a ' before them in the results; and nobody has one for a decimal comma."""
    handed_in, path = tmp_path / "class.csv", tmp_path / "results.csv"
    handed_in.write_text('student;p1.dx\n=cmd();"-4,0"\n+Plus;-4\n-;-1/4\n', "utf-8")
    run("grade", HOMEWORK, str(handed_in), "--output", str(path))
    whole = path.read_text("utf-8")
    assert [*csv.reader(io.StringIO(whole))][2][:5] == ["'=cmd()", "p1", "dx", "-4,0", "right"]
    run("grade", HOMEWORK, str(handed_in), "--output", str(path), "--resume")
    assert path.read_text("utf-8") == whole


def test_resume_begins_where_there_is_nothing(run: Run, tmp_path: Path) -> None:
    """No file yet, as when a script always says --resume."""
    path = tmp_path / "results.jsonl"
    run("grade", HOMEWORK, CLASS, "--output", str(path), "--resume")
    assert path.read_text(encoding="utf-8") == run("grade", HOMEWORK, CLASS, "--format", "jsonl").out


def test_resume_of_what_is_no_result(run: Run, tmp_path: Path) -> None:
    """The file stays as it is."""
    path = tmp_path / "notes.csv"
    path.write_text("my notes\nmore\n", encoding="utf-8")
    ran = run("grade", HOMEWORK, CLASS, "--output", str(path), "--resume")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"error: {path} holds no results to go on with: its first line is not student,problem,...\n"
        "hint: choose another --output; without --resume it is written anew\n"
    )
    assert path.read_text(encoding="utf-8") == "my notes\nmore\n"


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_resume_of_another_assignment(run: Run, tmp_path: Path, ending: str) -> None:
    """Its results stay as they are, also where only the points are others."""
    path, sheet = tmp_path / f"results.{ending}", tmp_path / "homework.toml"
    text = Path(HOMEWORK).read_text(encoding="utf-8")
    sheet.write_text(re.sub(r"dx = \d", "dx = 7", text, count=1), encoding="utf-8")
    run("grade", HOMEWORK, BO, "--output", str(path))
    before = path.read_bytes()
    ran = run("grade", str(sheet), BO, CLASS, "--output", str(path), "--resume")
    assert (ran.code, ran.out, path.read_bytes()) == (2, "", before)
    assert ran.err == (
        f"error: {path} holds no results to go on with: those of bo are for another assignment, or other "
        "points\n"
        "hint: choose another --output; without --resume it is written anew\n"
    )


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_leaves_what_was_graded(
    run: Run, code: tuple[str, ...], tmp_path: Path, jobs: str
) -> None:
    """Exit 130 and whole lines, and no process or folder is left behind; --resume does the rest."""
    if jobs == "2":
        pytest.importorskip("joblib", reason="joblib is not installed")
    path = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "gradcalc", "grade", *code, "--output", str(path), "--jobs", jobs]
    folders = tmp_path / "folders"
    folders.mkdir()
    where = {**environment(), "TMPDIR": str(folders)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=where, start_new_session=True) as at:
        while not (path.exists() and path.read_bytes().count(b"\n")):
            assert at.poll() is None
        os.killpg(at.pid, signal.SIGINT)
        assert at.stderr is not None
        said = at.stderr.read().decode()
        assert (at.wait(), "Traceback" in said) == (130, False)
        assert re.fullmatch(r"interrupted: [1-5] graded; --resume goes on\n", said)
    assert list(folders.glob("gradcalc-*")) == []
    some = path.read_bytes()
    assert 1 <= some.count(b"\n") < 6
    run("grade", *code, "--output", str(path), "--resume")
    assert path.read_bytes().startswith(some)
    scores = [json.loads(line)["score"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert scores == SCORES


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_nothing_runs_on_when_the_grader_is_killed(tmp_path: Path) -> None:
    """A loop without end ends by itself, when nobody is left to end it."""
    sheet = (FOLDER / "layers.toml").read_text(encoding="utf-8").replace("timeout = 20", "timeout = 1")
    (tmp_path / "hw.toml").write_text(sheet, encoding="utf-8")
    held = tmp_path / "held"  # open for writing as long as the code runs
    os.mkfifo(held)
    (tmp_path / "s_layers.py").write_text(
        f"held = open({str(held)!r}, 'wb', 0)\nheld.write(b'.')\nwhile True:\n    pass\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "gradcalc", "grade", str(tmp_path / "hw.toml"), str(tmp_path)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stderr=quiet, env=environment()) as grader, open(held, "rb", 0) as pipe:
        assert pipe.read(1) == b"."
        grader.kill()
        assert select.select([pipe], [], [], 60)[0] == [pipe]
        assert pipe.read() == b""


def test_a_file_is_whole_or_not_there(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends in the middle leaves an older file as it was."""
    from gradcalc.sheets.marker import Marker

    path = tmp_path / "results.xml"
    path.write_text("older", encoding="utf-8")

    def ends(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Marker, "grade", ends)
    assert run("grade", HOMEWORK, BO, "--output", str(path)).code == 130
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [("results.xml", "older")]


def test_exit_zero(run: Run) -> None:
    """For servers that take another exit code for a failure of the grader."""
    assert [run("grade", HOMEWORK, BO, *more).code for more in ((), ("--exit-zero",))] == [1, 0]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--resume",), "error: --resume goes on with a file\nhint: --output results.jsonl --resume\n"),
        (("--jobs", "0"), "error: --jobs takes a number from 1 to 1000, not 0\n"),
        (
            ("--rubric",),
            f"error: --rubric prints a sheet and grades nothing\nhint: leave out {BO}\n",
        ),
        (
            ("--output", "results.xlsx"),
            "error: --output results.xlsx: its ending says no format\n"
            "hint: .json, .jsonl, .csv, .xml, .md, .txt, or --format\n",
        ),
        (("--output", BO), f"error: --output {BO} would be written over {BO}\n"),
        (("--output", HOMEWORK), f"error: --output {HOMEWORK} would be written over {HOMEWORK}\n"),
        (
            ("--output", "nowhere/results.xml"),
            "error: can't write nowhere/results.xml: No such file or directory\n",
        ),
    ],
)
def test_bad_questions(run: Run, args: tuple[str, ...], message: str) -> None:
    """One clear error, and nothing on standard output."""
    ran = run("grade", HOMEWORK, BO, *args)
    assert (ran.code, ran.out, ran.err) == (2, "", message)


@pytest.mark.parametrize(
    ("args", "library", "group"),
    [(("--jobs", "2"), "joblib", "jobs"), (("--scheduler", "tcp://x:1"), "joblib", "cluster")],
)
def test_a_missing_extra_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], library: str, group: str
) -> None:
    """What to install, and for what."""
    monkeypatch.setitem(sys.modules, library, None)
    ran = run("grade", HOMEWORK, BO, *args)
    assert (ran.code, ran.out, ran.err) == (
        2,
        "",
        f"error: {args[0]} needs {library}, which is not installed\nhint: pip install 'gradcalc[{group}]'\n",
    )  # fmt: skip


def test_twice_is_said(run: Run) -> None:
    """Both are graded, and the teacher is told."""
    ran = run("grade", HOMEWORK, "-", "--format", "jsonl", stdin="id,p1.dx\n007,-4\n008,4\n007,4\n")
    assert [json.loads(line)["score"] for line in ran.out.splitlines()] == [1, 0, 0]
    assert ran.err == "graded more than once: 007\n"


def test_a_class_of_nobody(run: Run, tmp_path: Path) -> None:
    """Heads alone are no class in which everything is right."""
    path = tmp_path / "class.csv"
    path.write_text("student,p1.dx\n", encoding="utf-8")
    ran = run("grade", HOMEWORK, str(path), "--format", "csv")
    assert (ran.code, ran.out, ran.err) == (2, "", f"error: nobody is in {path}\n")


def test_gradescope_always_gets_its_file(run: Run, tmp_path: Path) -> None:
    """A submission that holds nothing to grade is a result too."""
    submission = tmp_path / "submission"
    submission.mkdir()
    (submission / "answers.pdf").write_bytes(b"%PDF")
    path = tmp_path / "results.json"
    ran = run(
        "grade", HOMEWORK, str(submission), "--exit-zero", "--format", "gradescope", "--output", str(path)
    )
    found = json.loads(path.read_text(encoding="utf-8"))
    assert (ran.code, found["score"]) == (0, 0)
    assert found["output"].endswith("holds no submission")


def test_gradescope_gets_no_score_of_several(run: Run) -> None:
    """Their sum is nobody's score."""
    ran = run("grade", HOMEWORK, CLASS, BO, "--format", "gradescope")
    found = json.loads(ran.out)
    assert (found["score"], found["tests"]) == (0, [])
    assert found["output"] == (
        "no score: there are 9 submissions here, s01, s02, s03, s04, s05, s06, s07, s08, ..., not one"
    )
    assert ran.err.endswith("Gradescope takes a file for each student: here are 9\n")


def test_cells_are_no_formulas(run: Run) -> None:
    """A spreadsheet that opens the results runs nothing; numbers stay numbers."""
    table = "student,p1.dx,p1.dy\n=HYPERLINK(1),=cmd|'/c calc'!A1,-4\n"
    rows = list(csv.reader(io.StringIO(run("grade", HOMEWORK, "-", "--format", "csv", stdin=table).out)))
    assert all(row[0] == "'=HYPERLINK(1)" for row in rows[1:])
    given = {row[2]: row[3] for row in rows if row[1] == "p1"}
    assert (given["dx"], given["dy"]) == ("'=cmd|'/c calc'!A1", "-4")


def test_a_name_that_the_function_has_not(run: Run, tmp_path: Path) -> None:
    """It is said, also in the table of a class."""
    sheet = tmp_path / "hw.toml"
    text = (FOLDER / "layers.toml").read_text(encoding="utf-8")
    sheet.write_text(text.replace("{dx = 2, dw = 2, db = 2}", "{dx = 1, dW = 1}"), encoding="utf-8")
    paths = []
    for k in range(4):
        (tmp_path / f"s{k}_layers.py").write_text(GOOD, encoding="utf-8")
        paths.append(str(tmp_path / f"s{k}_layers.py"))
    ran = run("grade", str(sheet), *paths, "--width", "100")
    assert " 4 of 4: no result, there is no dW: it has dx, dw, db\n" in ran.out
