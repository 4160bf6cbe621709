"""Open to the world: staff pages, customer pages, callbacks, API, command line, worker."""
