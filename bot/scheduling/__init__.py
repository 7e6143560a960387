"""When and where things happen: the clock, and the processes that documents are read in."""
