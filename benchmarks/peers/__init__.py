"""Other methods on our tables: each trains in its own environment and hands its predictions over in a file.

The `train_*` files are programs for the interpreters of those environments: they import nothing of this house but
`benchmarks.peers.exchange`, which needs the standard library only.
"""
