"""`python -m meetmates` is `meetmates`."""

from meetmates.cli.main import main

if __name__ == "__main__":
    main()
