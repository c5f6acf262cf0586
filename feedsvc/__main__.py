"""`python -m feedsvc` is `feedsvc`."""

from feedsvc.cli import program

if __name__ == "__main__":
    program()
