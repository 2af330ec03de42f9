"""The face: the command line. One thin function per command; composes `review` and `pipeline`."""
