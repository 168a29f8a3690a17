/* A compressor in the manner of LZ77 with a canonical Huffman code behind it, both undone again and compared. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 1 << 16, WINDOW = 1 << 13, SHORTEST = 4, LONGEST = 130, HASHES = 1 << 12 };

static uint32_t checksum(const uint8_t *p, size_t n) {
    uint32_t a = 1, b = 0; /* Adler-32 */
    while (n--) {
        a = (a + *p++) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* A byte below 128: so many literals and one more follow. Else a match: its length, and two bytes of distance. */
static size_t compress(const uint8_t *in, size_t n, uint8_t *out) {
    static int32_t head[HASHES], before[SIZE];
    memset(head, -1, sizeof head);
    size_t at = 0, made = 0, literals = 0;
    while (at < n) {
        size_t best = 0, distance = 0;
        if (at + SHORTEST <= n) {
            uint32_t word = (uint32_t)in[at] | (uint32_t)in[at + 1] << 8 | (uint32_t)in[at + 2] << 16;
            int32_t *h = &head[word * 2654435761u >> 20];
            int tries = 32;
            for (int32_t c = *h; c >= 0 && at - (size_t)c <= WINDOW && tries--; c = before[c]) {
                size_t length = 0;
                while (length < LONGEST && at + length < n && in[(size_t)c + length] == in[at + length])
                    length++;
                if (length > best)
                    best = length, distance = at - (size_t)c;
            }
            before[at] = *h, *h = (int32_t)at;
        }
        if (best >= SHORTEST) {
            out[made++] = (uint8_t)(128 + best - SHORTEST);
            out[made++] = (uint8_t)distance, out[made++] = (uint8_t)(distance >> 8);
            at += best, literals = 0;
        } else {
            if (!literals || literals == 128)
                literals = 0, out[made++] = 0;
            out[made - 1 - literals] = (uint8_t)literals;
            literals++, out[made++] = in[at++];
        }
    }
    return made;
}

static size_t expand(const uint8_t *in, size_t n, uint8_t *out) {
    size_t made = 0;
    for (size_t at = 0; at < n;) {
        size_t c = in[at++];
        if (c < 128) {
            memcpy(out + made, in + at, c + 1);
            at += c + 1, made += c + 1;
        } else {
            size_t distance = in[at] | (size_t)in[at + 1] << 8;
            at += 2;
            for (size_t length = c - 128 + SHORTEST; length--; made++)
                out[made] = out[made - distance]; /* may overlap itself: that is how runs are written */
        }
    }
    return made;
}

/* Lengths of a Huffman code, by joining the two lightest trees until one is left. */
static void code_lengths(const uint32_t counts[256], uint8_t lengths[256]) {
    uint32_t weight[512];
    int parent[512], alive[512], nodes = 256, left = 0;
    memset(lengths, 0, 256);
    for (int i = 0; i < 256; i++) {
        weight[i] = counts[i], parent[i] = -1;
        if (counts[i])
            alive[left++] = i;
    }
    while (left > 1) {
        int picked[2];
        for (int k = 0; k < 2; k++) {
            int least = 0;
            for (int i = 1; i < left; i++)
                if (weight[alive[i]] < weight[alive[least]])
                    least = i;
            picked[k] = alive[least];
            alive[least] = alive[--left];
        }
        weight[nodes] = weight[picked[0]] + weight[picked[1]];
        parent[picked[0]] = parent[picked[1]] = nodes, parent[nodes] = -1;
        alive[left++] = nodes++;
    }
    for (int i = 0; i < 256; i++)
        for (int p = i; counts[i] && parent[p] >= 0; p = parent[p])
            lengths[i]++;
}

/* Codes of one length follow each other; longer ones follow shorter ones. */
static void codes_of(const uint8_t lengths[256], uint32_t codes[256]) {
    uint32_t code = 0;
    for (int length = 1; length < 32; length++, code <<= 1)
        for (int i = 0; i < 256; i++)
            if (lengths[i] == length)
                codes[i] = code++;
}

static size_t encode(const uint8_t *in, size_t n, uint8_t *out) {
    uint32_t counts[256] = {0}, codes[256] = {0};
    for (size_t i = 0; i < n; i++)
        counts[in[i]]++;
    code_lengths(counts, out);
    codes_of(out, codes);
    uint64_t held = 0;
    int bits = 0;
    size_t made = 256;
    for (size_t i = 0; i < n; i++) {
        held = held << out[in[i]] | codes[in[i]];
        bits += out[in[i]];
        for (; bits >= 8; bits -= 8)
            out[made++] = (uint8_t)(held >> (bits - 8));
    }
    if (bits)
        out[made++] = (uint8_t)(held << (8 - bits));
    return made;
}

static void decode(const uint8_t *in, uint8_t *out, size_t n) {
    uint32_t codes[256] = {0}, code = 0;
    codes_of(in, codes);
    const uint8_t *p = in + 256;
    int length = 0, bit = 8;
    for (size_t made = 0; made < n;) {
        code = code << 1 | (*p >> --bit & 1), length++;
        if (!bit)
            bit = 8, p++;
        for (int i = 0; i < 256; i++)
            if (in[i] == length && codes[i] == code) {
                out[made++] = (uint8_t)i;
                code = 0, length = 0;
                break;
            }
    }
}

static uint32_t random32(void) {
    static uint32_t state = 362436069;
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state;
}

static size_t make(int kind, uint8_t *to) {
    static const char *const words[] = {"the ",    "ship ",   "sails ",   "north ", "by ",  "east, ",
                                        "and ",    "a ",      "harbour ", "lies ",  "two ", "leagues ",
                                        "beyond ", "shoal. ", "wind\n",   "rose "};
    size_t n = 0;
    switch (kind) {
    case 0: /* text */
        while (n < 20000) {
            const char *w = words[random32() % 16];
            memcpy(to + n, w, strlen(w));
            n += strlen(w);
        }
        return n;
    case 1: /* noise */
        while (n < 10000)
            to[n++] = (uint8_t)random32();
        return n;
    case 2: /* runs */
        while (n < 30000)
            for (uint32_t k = 1 + random32() % 900, c = random32() % 4; k--;)
                to[n++] = (uint8_t)c;
        return n;
    case 3: /* a ramp of 16-bit numbers */
        for (; n < 16000; n += 2)
            to[n] = (uint8_t)(n / 8), to[n + 1] = (uint8_t)(n >> 11);
        return n;
    default: return (size_t)kind - 4; /* nothing, and next to nothing */
    }
}

int main(void) {
    static const char *const kinds[] = {"text", "noise", "runs", "ramp", "empty", "one"};
    static uint8_t original[SIZE], packed[2 * SIZE], coded[2 * SIZE], uncoded[2 * SIZE], unpacked[SIZE];
    for (int kind = 0; kind < 6; kind++) {
        memset(original, 0x2a, sizeof original);
        size_t n = make(kind, original), p = compress(original, n, packed), c = encode(packed, p, coded);
        decode(coded, uncoded, p);
        size_t u = expand(uncoded, p, unpacked);
        printf("%-5s %5zu -> %5zu -> %5zu  %08" PRIx32 " %08" PRIx32 " %08" PRIx32 " %s\n", kinds[kind], n, p, c,
               checksum(original, n), checksum(packed, p), checksum(coded, c),
               u == n && !memcmp(original, unpacked, n) ? "same" : "DIFFERENT");
    }
    return 0;
}
