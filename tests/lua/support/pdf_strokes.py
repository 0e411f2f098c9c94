"""Prints the line widths, dashes and curve counts of a PDF drawn by cairo: pdf_strokes.py FILE."""
import re
import sys
import zlib

data = open(sys.argv[1], "rb").read()
drawing = b""
for stream in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.S):
    try:
        drawing += zlib.decompress(stream.group(1))
    except zlib.error:  # a font or a picture
        pass
text = drawing.decode("latin1")
print("widths", *re.findall(r"([\d.]+) w\b", text))
print("dashes", *(d.replace(" ", ",") for d in re.findall(r"\[ ?([\d. ]+)\] [\d.]+ d", text)))
print("marks", len(re.findall(r" c\b", text)))
