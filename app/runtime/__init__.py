"""What ships inside every bundle. Imports nothing else of ours: only relative imports, numpy,
onnxruntime, msgspec, Starlette and uvicorn."""
