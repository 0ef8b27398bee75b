"""openvino - as much of its Python as classify.py calls, emulated"""
