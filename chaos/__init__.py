"""Breaks one thing after another under load, heals it, and looks in the databases whether every promise was kept.

    make chaos

Each scenario is a file with one function, ``run(ground, told)``. What it found is printed; the last line and the exit
status say whether all held. Everything happens in a temporary folder with a PostgreSQL of its own (fsync on), on
127.0.0.1. Object storage is not among what breaks: uploaded documents are rows of PostgreSQL.
"""
