"""The command line's commands, one file a subject; ``cli.py`` puts them together."""
