"""`python -m app`: the real command line; `--help` on each command says what it does."""

from app.cli import main

if __name__ == "__main__":
    main()
