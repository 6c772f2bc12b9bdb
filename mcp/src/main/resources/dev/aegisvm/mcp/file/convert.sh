# Writes the picture $1 as base64, small enough to be seen, and to stderr how large it is: Pillow does it for pixels, rsvg for SVG.
case $1 in
*.svg|*.SVG) rsvg-convert -a -w 1200 -h 1200 -- "$1" | base64; exit ;;
esac
exec python3 -c '
import base64, io, sys
from PIL import Image
i = Image.open(sys.argv[1])
print("original", i.width, "x", i.height, file=sys.stderr)
i.thumbnail((1568, 1568))
def code(form, mode, **more):
    out = io.BytesIO()
    i.convert(mode).save(out, form, **more)
    return out.getvalue()
b = code("PNG", "RGBA")
while len(b) > 700000:
    b = code("JPEG", "RGB", quality=80)
    i.thumbnail((i.width * 3 // 4, i.height * 3 // 4))
print(base64.b64encode(b).decode())' "$1"
