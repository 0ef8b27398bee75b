/* classes.mjs - the class of every image by ONNX Runtime, a digit each
 *
 *     node classes.mjs IMAGES MODEL.onnx...      a line a model
 *
 * IMAGES is an IDX file; a model takes "image", float32 [batch, 784] of
 * pixels over 255, and gives "scores"; the first of the greatest wins.
 */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const HEAD = 16, PIXELS = 784, BATCH = 1000;
const [images, ...models] = process.argv.slice(2);
const file = readFileSync(images);
const count = file.readUInt32BE(4);
const pixels = Float32Array.from(file.subarray(HEAD), (v) => v / 255);
const options = { intraOpNumThreads: 1, interOpNumThreads: 1,
                  logSeverityLevel: 3 };

function classOf(scores, row, width) {
    let best = 0;
    for (let j = 1; j < width; j++)
        if (scores[row * width + j] > scores[row * width + best]) best = j;
    return best;
}

async function classify(path) {
    const session = await ort.InferenceSession.create(path, options);
    let classes = '';
    for (let at = 0; at < count; at += BATCH) {
        const rows = Math.min(BATCH, count - at);
        const part = pixels.subarray(at * PIXELS, (at + rows) * PIXELS);
        const image = new ort.Tensor('float32', part, [rows, PIXELS]);
        const { scores } = await session.run({ image });
        for (let row = 0; row < rows; row++)
            classes += classOf(scores.data, row, scores.dims[1]);
    }
    return classes;
}

for (const path of models) console.log(await classify(path));
