"""The `casebook` command: one module per subcommand, imported when it is called."""

from orchestration.cli.main import main

__all__ = ["main"]
