"""Documents that would otherwise go stale unseen."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
from casebook_tracking import configuration

from orchestration.cli.main import casebook
from orchestration.pages.commands import format_commands
from orchestration.settings import KNOWN

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "tracking").glob("*.md"),
    *(ROOT / "examples").rglob("*.md"),
]


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[<>=~]", requirement)[0] for requirement in wanted}
    tables = [line.split("|") for line in (ROOT / "docs/dependencies.md").read_text().splitlines()]
    explained = {name.strip() for row in tables if len(row) > 3 for name in row[1].split(",")}
    assert explained - {"package", "---"} == names


def test_links_of_the_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_the_page_of_commands_is_as_generated() -> None:
    assert format_commands() == (ROOT / "docs/cli.md").read_text(), "run make pages"


def test_every_command_in_the_documents_exists() -> None:
    used = [(d.name, line) for d in DOCUMENTS for line in commands_in(d.read_text())]
    assert len(used) > 30
    assert [(name, line) for name, line in used if find_wrong(line)] == []


def test_a_command_that_does_not_exist_is_found() -> None:
    text = "Say `casebook db urll` or `casebook build --full`:\n\n    casebook dbx\n"
    assert [find_wrong(line) for line in commands_in(text)] == ["urll", "--full", "dbx"]
    assert find_wrong("db url --role bi_reader > file") == ""


def test_every_setting_in_the_documents_exists() -> None:
    tracking = {f"TRACKING_{name.upper()}" for name in configuration.KNOWN}
    known = {f"CASEBOOK_{name}" for name in KNOWN | tracking}
    for document in DOCUMENTS:
        names = set(re.findall(r"(?<![A-Z_])CASEBOOK_[A-Z_]*[A-Z]\b(?![_<])", document.read_text()))
        assert names <= known | {"CASEBOOK_TRACKING"}, document.name


def test_every_setting_is_documented() -> None:
    settings = (ROOT / "docs/settings.md").read_text()
    assert {name for name in KNOWN if f"| `CASEBOOK_{name}` |" not in settings} == set()
    tracking = (ROOT / "docs/tracking.md").read_text()
    assert {name for name in configuration.KNOWN if name not in tracking.lower()} == set()


def commands_in(text: str) -> Iterator[str]:
    """Give what follows `casebook` where it is called: in code spans and lines of code."""
    call = r"(?:[A-Z_]+=\S+ )*(?:\S*/)?casebook "
    yield from re.findall(rf"`{call}([^`]+)`", text)
    yield from re.findall(rf"^(?:    )?(?:\$ )?{call}([a-z-][^`\n]*)$", text, re.MULTILINE)


def find_wrong(line: str) -> str:
    """Give the first word of a call that the program does not know as command or option."""
    command: click.Command = casebook
    for word in re.split(r"\s[|>#&;]", line)[0].split():
        context = click.Context(command)
        if command.context_settings.get("ignore_unknown_options"):
            # They are another program's, as those of `db psql`.
            return ""
        if word.startswith("-") and word != "-":
            options = {name for option in command.params for name in option.opts}
            if word.partition("=")[0] not in options | {"-h", "--help", "-c"}:
                return word
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None:
                return word
            command = found
    return ""


def test_the_tutorials_pieces_fit_the_files_they_go_into() -> None:
    """Each block names its file, and the line before or after which it stands, or a new file."""
    text = (ROOT / "docs/tutorial.md").read_text()
    blocks = re.findall(r"^```\w+ (\S+)(?: (?:before|after)=(.+))?$", text, re.MULTILINE)
    assert len(blocks) > 10
    for name, line in blocks:
        path = ROOT / name
        if line:
            assert path.read_text().count(line.replace("\\n", "\n")) == 1, f"{name}: {line}"
        else:
            assert path.parent.is_dir()
            assert not path.exists(), f"{name} is no example any more"
