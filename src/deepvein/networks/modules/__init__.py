"""The torch code of the architectures; imported only when a network is built."""
