/* Calls through a table of functions: what each returns says which is the next. Where the call goes is as random as the
 * numbers are, so that nothing predicts it. Scale: how many thousand calls. */
#include "rt.h"

typedef uint32_t function(uint32_t);

static uint32_t shift_left(uint32_t x) {
    return x ^ x << 13;
}
static uint32_t shift_right(uint32_t x) {
    return x ^ x >> 17;
}
static uint32_t rotate(uint32_t x) {
    return x << 5 | x >> 27;
}
static uint32_t turn(uint32_t x) {
    return x << 16 | x >> 16;
}
static uint32_t multiply(uint32_t x) {
    return x * 0x9e3779b1;
}
static uint32_t congruent(uint32_t x) {
    return x * 1664525 + 1013904223;
}
static uint32_t add(uint32_t x) {
    return x + 0x7f4a7c15;
}
static uint32_t add_half(uint32_t x) {
    return x + (x >> 1) + 1;
}
static uint32_t invert(uint32_t x) {
    return ~x - 0x1234567;
}
static uint32_t odd(uint32_t x) {
    return x & 1 ? 3 * x + 1 : x ^ 0xaaaaaaab;
}
static uint32_t sign(uint32_t x) {
    return (int32_t)x < 0 ? x << 1 ^ 0x04c11db7 : (x << 1) + 1;
}
static uint32_t swap_bytes(uint32_t x) {
    return (x & 0xff00ff) << 8 | (x >> 8 & 0xff00ff);
}
static uint32_t swap_bits(uint32_t x) {
    return (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
}
static uint32_t high(uint32_t x) {
    return (uint32_t)((uint64_t)x * 0xd1b54a33 >> 32) + x;
}
static uint32_t gray(uint32_t x) {
    return (x ^ x >> 1) + 0x3c6ef372;
}
static uint32_t mix(uint32_t x) {
    return (x ^ x >> 15) * 0x2c1b3c6d;
}

enum { FUNCTIONS = 16 };
static function *const table[FUNCTIONS] = {
    shift_left, shift_right, rotate, turn,       multiply,  congruent, add,  add_half,
    invert,     odd,         sign,   swap_bytes, swap_bits, high,      gray, mix,
};

int main(int argc, char **argv) {
    uint32_t thousands = scale(argc, argv, 50, 4000000), counts[FUNCTIONS] = {0}, x = 1611;
    for (uint32_t n = thousands * 1000; n--;) {
        /* The number itself may run in a circle; with how many calls are left it does not. */
        uint32_t which = (x ^ n) * 0x9e3779b1 >> 28;
        counts[which]++;
        x = table[which](x);
    }
    print_dec(thousands);
    print(" thousand calls, last ");
    print_hex(x, 8);
    print("\n");
    for (int i = 0; i < FUNCTIONS; i++) {
        print_dec(counts[i]);
        print(i < FUNCTIONS - 1 ? " " : "\n");
    }
    return 0;
}
