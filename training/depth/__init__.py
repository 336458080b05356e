"""The depth network: scenes that are rendered with their exact depth, the training on them, and how good it became.

    python -m training.depth.dataset SHARDS --shards 13 --seed 1
    python -m training.depth.encode SHARDS nanodet.onnx --count 8
    python -m training.depth.train SHARDS weights.npz --steps 400 --seed 1

What comes out is `pipelines/vision/midas/depth-small.npz`: the decoder, Apache-2.0 as the rest of Drumbeat. The encoder
before it is the model store's `nanodet`, unchanged. The photographs that surfaces are cut from are samples inside of
scikit-image, scikit-learn and ultralytics; the stereo pair that the network is judged on is not among them.
"""
