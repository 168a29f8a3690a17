/* What the roms that compute with doubles share. */
#ifndef DOUBLE_H
#define DOUBLE_H

#include "rt.h"

/* The bits: what rounds elsewhere shows. */
static inline void print_double(double value) {
    union {
        double value;
        uint64_t bits;
    } u = {value};
    print_hex(u.bits, 16);
}

#endif
