"""Several processes on one PostgreSQL, each with a share of the work.

What is due stands in our own tables, as with one process. A job is a hint that something is:
it names a part of the feeds, a destination or a chore, and holds the lock under which one
process at a time works at it. Any job may be lost or come twice; whoever leads finds what is
due and has no job, and who works asks the tables what there is.

    leader.py    one of the processes that may: gives work out, cleans up after the dead
    polling.py   has some parts of the feeds for a time and polls them, as Rounds does all
    chores.py    what is to be done now and then, by one process whose role it is
    board.py     jobs: Procrastinate's tables in our database, and who works at them
    schema.py    these tables
    names.py     queues, tasks and locks
    engine.py    all that a process does in its roles

Nothing here is loaded where there is no PostgreSQL.
"""
