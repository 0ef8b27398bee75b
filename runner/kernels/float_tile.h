/* float_tile.h - the float kernels' loops, for one vector length
 *
 * Included once for each kind of weight by a file that defines first
 *   TILE_LANES   floats of a vector register
 *   TILE_ACROSS  registers side by side when few rows are at hand
 *   TILE_ROWS    most rows of that tile (rows x across + across registers)
 *   TILE_NAME(x) x with the kernel's prefix
 *   TILE_WEIGHT  type of a stored weight
 *   TILE_STORED  half-precision bits to that type
 *   TILE_WIDEN   pointer to stored weights to a vector of floats
 * the types tile_vec and tile_ints and, if there are registers enough,
 * TILE_TALL: rows of a tile two registers wide.
 *
 * Weights lie in panels [np/64][k][64]: one broadcast activation meets 64
 * neurons.  A neuron's products are added in order of depth, whatever the
 * tile, so all kernels that fuse multiply and add agree to the last bit.
 */

static inline __attribute__((always_inline)) void
TILE_NAME(tile)(const struct kernel_layer *layer, const float *a,
                const TILE_WEIGHT *w, float *out, size_t j, size_t rows,
                size_t across, bool relu)
{
    for (size_t h = 0; h < KERNEL_BLOCK; h += TILE_LANES * across) {
        tile_vec acc[12][4];

#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (size_t v = 0; v < across; v++)
                acc[r][v] =
                    *(const tile_vec *)(layer->bias + j + h + v * TILE_LANES);
        for (size_t i = 0; i < layer->k; i++) {
            tile_vec x[4];

#pragma GCC unroll 4
            for (size_t v = 0; v < across; v++)
                x[v] = TILE_WIDEN(w + i * KERNEL_BLOCK + h + v * TILE_LANES);
#pragma GCC unroll 12
            for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
                for (size_t v = 0; v < across; v++)
                    acc[r][v] += a[r * layer->kp + i] * x[v];
        }
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (size_t v = 0; v < across; v++) {
                tile_vec y = acc[r][v];

                if (relu)
                    y = (tile_vec)((tile_ints)y & (y > 0));
                *(tile_vec *)(out + r * layer->np + j + h + v * TILE_LANES) = y;
            }
    }
}

/* Few rows left: a tile of exactly as many. */
static inline __attribute__((always_inline)) void
TILE_NAME(rest)(const struct kernel_layer *layer, const float *a,
                const TILE_WEIGHT *w, float *out, size_t j, size_t rows,
                bool relu)
{
    switch (rows) {
    case 5:
        TILE_NAME(tile)(layer, a, w, out, j, 5, TILE_ACROSS, relu);
        break;
    case 4:
        TILE_NAME(tile)(layer, a, w, out, j, 4, TILE_ACROSS, relu);
        break;
    case 3:
        TILE_NAME(tile)(layer, a, w, out, j, 3, TILE_ACROSS, relu);
        break;
    case 2:
        TILE_NAME(tile)(layer, a, w, out, j, 2, TILE_ACROSS, relu);
        break;
    case 1:
        TILE_NAME(tile)(layer, a, w, out, j, 1, TILE_ACROSS, relu);
        break;
    default:
        break;
    }
}

void TILE_NAME(layer)(const struct kernel_layer *layer, const void *in,
                      void *out, void *raw, size_t rows, size_t first,
                      size_t last)
{
    const TILE_WEIGHT *weights = layer->w;
    float *to = raw ? raw : out;

    for (size_t block = first; block < last; block++) {
        const TILE_WEIGHT *w = weights + block * KERNEL_BLOCK * layer->k;
        size_t j = block * KERNEL_BLOCK, r = 0;
        const float *a = in;

#ifdef TILE_TALL
        for (; r + TILE_TALL <= rows; r += TILE_TALL)
            TILE_NAME(tile)
        (layer, a + r * layer->kp, w, to + r * layer->np, j, TILE_TALL, 2,
         !raw);
#endif
        for (; r + 6 <= rows; r += 6)
            TILE_NAME(tile)
        (layer, a + r * layer->kp, w, to + r * layer->np, j, 6, TILE_ACROSS,
         !raw);
        TILE_NAME(rest)
        (layer, a + r * layer->kp, w, to + r * layer->np, j, rows - r, !raw);
    }
}

int TILE_NAME(pack)(const struct net_layer *src, struct kernel_layer *dst)
{
    TILE_WEIGHT *w = mem_alloc(mem_mul(dst->np * sizeof *w, dst->k));

    if (!w)
        return -1;
    for (size_t j = 0; j < src->n; j++)
        for (size_t i = 0; i < src->k; i++)
            w[(j / KERNEL_BLOCK * src->k + i) * KERNEL_BLOCK +
              j % KERNEL_BLOCK] = TILE_STORED(src->half[j * src->k + i]);
    dst->w = w;
    return 0;
}

#undef TILE_NAME
#undef TILE_WEIGHT
#undef TILE_WIDEN
#undef TILE_STORED
