"""vpcsim completion SHELL"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script for SHELL.

    \b
    vpcsim completion bash > ~/.local/share/bash-completion/completions/vpcsim
    source <(vpcsim completion zsh)
    """
    from vpcsim.cli import vpcsim_command

    kind = get_completion_class(shell)
    assert kind is not None, f"click knows no completion for {shell}"
    click.echo(kind(vpcsim_command, {}, "vpcsim", "_VPCSIM_COMPLETE").source())
    return 0
