"""`python -m signoff`: the same as the command `signoff`."""

from signoff.main import main

main()
