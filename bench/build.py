"""Compiles the load driver and the floor when their sources are newer than the programs."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror")
PROGRAMS = {"driver": ("driver.c", "clients.c"), "floor": ("floor.c",)}


class BuildError(Exception):
    """A program could not be built; the text is one that a reader can act on."""


def build() -> None:
    """Brings every program in `PROGRAMS` up to date. Raises BuildError without a C compiler or with a broken source."""
    BUILD.mkdir(exist_ok=True)
    for name, sources in PROGRAMS.items():
        if is_stale(BUILD / name, sources):
            compile_program(name, sources)


def is_stale(program: Path, sources: tuple[str, ...]) -> bool:
    """Whether `program` is missing or older than one of its sources or a header."""
    if not program.exists():
        return True
    built = program.stat().st_mtime
    files = [HERE / source for source in sources] + list(HERE.glob("*.h"))
    return any(file.stat().st_mtime > built for file in files)


def compile_program(name: str, sources: tuple[str, ...]) -> None:
    """Builds one program. Raises BuildError with the compiler's own words."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise BuildError("no C compiler found: run bench/setup.sh as root, or `apt-get install gcc libc6-dev`")
    command = [compiler, *FLAGS, *(str(HERE / source) for source in sources), "-o", str(BUILD / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{name} does not compile:\n{done.stderr}")
