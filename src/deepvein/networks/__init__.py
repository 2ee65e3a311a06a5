"""Architectures, one a file; importing this names them without importing torch."""

from deepvein.networks.cnn_rnn import CNN_RNN, CNNRNNSettings
from deepvein.networks.gcn import GCN, GCNSettings
from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings
from deepvein.networks.gn_unet_3d import GN_UNET_3D, GNUNet3DSettings
from deepvein.networks.i3d import I3D, I3DSettings
from deepvein.networks.kozemzak_unet import (
    KOZEMZAK_UNET,
    KOZEMZAK_UNET_3D,
    KozemzakUNet3DSettings,
    KozemzakUNetSettings,
)
from deepvein.networks.network import NETWORKS, NetworkSpec
from deepvein.networks.resnet18 import RESNET18, ResNet18Settings
from deepvein.networks.segnet import SEGNET, SegNetSettings
from deepvein.networks.unet import UNET, UNetSettings
from deepvein.networks.vgg_unet import VGG_UNET, VGGUNetSettings

NETWORKS.add(GN_UNET.name, GN_UNET)
NETWORKS.add(GN_UNET_3D.name, GN_UNET_3D)
NETWORKS.add(UNET.name, UNET)
NETWORKS.add(SEGNET.name, SEGNET)
NETWORKS.add(GCN.name, GCN)
NETWORKS.add(KOZEMZAK_UNET.name, KOZEMZAK_UNET)
NETWORKS.add(KOZEMZAK_UNET_3D.name, KOZEMZAK_UNET_3D)
NETWORKS.add(VGG_UNET.name, VGG_UNET)
NETWORKS.add(RESNET18.name, RESNET18)
NETWORKS.add(CNN_RNN.name, CNN_RNN)
NETWORKS.add(I3D.name, I3D)

__all__ = [
    "CNN_RNN",
    "GCN",
    "GN_UNET",
    "GN_UNET_3D",
    "I3D",
    "KOZEMZAK_UNET",
    "KOZEMZAK_UNET_3D",
    "NETWORKS",
    "RESNET18",
    "SEGNET",
    "UNET",
    "VGG_UNET",
    "CNNRNNSettings",
    "GCNSettings",
    "GNUNet3DSettings",
    "GNUNetSettings",
    "I3DSettings",
    "KozemzakUNet3DSettings",
    "KozemzakUNetSettings",
    "NetworkSpec",
    "ResNet18Settings",
    "SegNetSettings",
    "UNetSettings",
    "VGGUNetSettings",
]
