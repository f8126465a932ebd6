"""A trained model to one ONNX file, and the proof that the file gives the same answers."""
