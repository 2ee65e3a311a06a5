"""Architectures, one a file, settings above module; naming them imports none of the files, nor torch."""

from deepvein.networks.network import NETWORKS, NetworkSpec, register

__all__ = ["NETWORKS", "NetworkSpec", "register"]
