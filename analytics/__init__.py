"""Pure computations: frames and arrays in, results out.

Nothing here reads a clock, a file, a network, the environment or an unseeded random source.
"""
