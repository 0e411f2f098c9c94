# png_stats.py FILE [RRGGBB...]: decodes an 8-bit PNG with zlib alone and prints "width height ink" and, for each
# colour, how many pixels lie within 12 of it in every channel. ink: pixels that are not white.
import struct, sys, zlib

data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n"
at, packed = 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    body = data[at + 8:at + 8 + size]
    assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]
    if kind == b"IHDR":
        width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
        assert depth == 8 and interlace == 0 and colour in (2, 6)
    if kind == b"IDAT":
        packed += body
    at += 12 + size
n = 3 if colour == 2 else 4
raw = zlib.decompress(packed)
stride = width * n
wanted = [tuple(int(h[k:k + 2], 16) for k in (0, 2, 4)) for h in sys.argv[2:]]
counts, ink, above = [0] * len(wanted), 0, bytearray(stride)
for y in range(height):
    kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
    for i in range(stride):
        left = line[i - n] if i >= n else 0
        up, corner = above[i], above[i - n] if i >= n else 0
        if kind == 1:
            add = left
        elif kind == 2:
            add = up
        elif kind == 3:
            add = (left + up) // 2
        elif kind == 4:
            p = left + up - corner
            a, b, c = abs(p - left), abs(p - up), abs(p - corner)
            add = left if a <= b and a <= c else up if b <= c else corner
        else:
            add = 0
        line[i] = (line[i] + add) & 255
    for x in range(0, stride, n):
        r, g, b = line[x], line[x + 1], line[x + 2]
        if r < 250 or g < 250 or b < 250:
            ink += 1
        for k, (wr, wg, wb) in enumerate(wanted):
            if abs(r - wr) <= 12 and abs(g - wg) <= 12 and abs(b - wb) <= 12:
                counts[k] += 1
    above = line
print(width, height, ink, *counts)
