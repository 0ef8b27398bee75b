"""test_notebook.py NOTEBOOK - its cells run in order, and it drew a front.

The archive is that of $ARCHIVE; nothing is shown.
"""
import json
import sys

import matplotlib

matplotlib.use("Agg")

with open(sys.argv[1]) as file:
    notebook = json.load(file)
space = {}
for cell in notebook["cells"]:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), sys.argv[1], "exec"), space)
points, front = space["points"], space["front"]
if not 0 < len(front) <= len(points):
    sys.exit("%d of %d points on the front" % (len(front), len(points)))
fastest = points["fps_comp"].max()
if fastest != front["fps_comp"].max():
    sys.exit("the fastest point is not on the front")
drawn = space["plt"].figure(1).axes[0]
if len(drawn.collections) != points["platform"].nunique():
    sys.exit("%d platforms are drawn" % len(drawn.collections))
print("%d points, %d on the front" % (len(points), len(front)))
