"""Finding objects with networks of YOLO's shape, through ultralytics or through onnxruntime alone."""
