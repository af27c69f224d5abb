"""What `python3 run.py COMMAND` does, one module per command."""
