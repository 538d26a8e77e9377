"""Everything that touches the outside: providers, registers, store, web, command line, sandbox."""
