"""Architectures, one a file; importing this names them without importing torch."""

from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings
from deepvein.networks.network import NETWORKS, NetworkSpec

NETWORKS.add(GN_UNET.name, GN_UNET)

__all__ = ["GN_UNET", "NETWORKS", "GNUNetSettings", "NetworkSpec"]
