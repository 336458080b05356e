"""Networks that tell depth from one picture. Its modules import torch: import them inside functions."""
