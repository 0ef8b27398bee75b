"""tflite_runtime - as much of it as classify.py calls, emulated"""
