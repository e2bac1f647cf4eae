"""`python -m vpcsim`: the command line."""

from vpcsim.cli import main

main()
