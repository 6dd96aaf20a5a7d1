"""`python -m derivations` is the command `chainrule`."""

import sys

from derivations.command_line import main

if __name__ == "__main__":
    sys.exit(main())
