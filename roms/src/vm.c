/* A machine in the machine: a stack VM running a Collatz program, one indirect branch per instruction. The emulator's
 * own work, emulated. Scale: the last number whose path is followed. */
#include "rt.h"

enum op { PUSH, LOAD, STORE, ADD, MUL, HALVE, ODD, LESS, JUMP, JUMP_ZERO, HALT };

enum variable { N, X, STEPS, BEST, BEST_N, LIMIT, VARIABLES };

static const struct {
    uint8_t op, operand;
} program[] = {
    /*  0 n = 1                     */ {PUSH, 1}, {STORE, N},
    /*  2 if (limit < n) halt       */ {LOAD, LIMIT}, {LOAD, N}, {LESS, 0}, {JUMP_ZERO, 7}, {HALT, 0},
    /*  7 steps = 0, x = n          */ {PUSH, 0}, {STORE, STEPS}, {LOAD, N}, {STORE, X},
    /* 11 if (!(1 < x)) goto 32     */ {PUSH, 1}, {LOAD, X}, {LESS, 0}, {JUMP_ZERO, 32},
    /* 15 if (!odd(x)) goto 24      */ {LOAD, X}, {ODD, 0}, {JUMP_ZERO, 24},
    /* 18 x = 3 * x + 1, goto 26    */ {PUSH, 3}, {LOAD, X}, {MUL, 0}, {PUSH, 1}, {ADD, 0}, {JUMP, 26},
    /* 24 x = x / 2                 */ {LOAD, X}, {HALVE, 0}, {STORE, X},
    /* 27 steps = steps + 1         */ {LOAD, STEPS}, {PUSH, 1}, {ADD, 0}, {STORE, STEPS}, {JUMP, 11},
    /* 32 if (!(best < steps)) ..40 */ {LOAD, BEST}, {LOAD, STEPS}, {LESS, 0}, {JUMP_ZERO, 40},
    /* 36 best = steps, best_n = n  */ {LOAD, STEPS}, {STORE, BEST}, {LOAD, N}, {STORE, BEST_N},
    /* 40 n = n + 1, goto 2         */ {LOAD, N}, {PUSH, 1}, {ADD, 0}, {STORE, N}, {JUMP, 2},
};

/* Runs the program to its HALT and returns how many instructions that took. */
static uint64_t run(uint32_t variables[VARIABLES]) {
    uint32_t stack[4], *top = stack; /* top points above the topmost value */
    uint64_t retired = 0;
    for (uint32_t pc = 0;; retired++) {
        uint32_t operand = program[pc].operand;
        switch ((enum op)program[pc++].op) {
        case PUSH:
            *top++ = operand;
            break;
        case LOAD:
            *top++ = variables[operand];
            break;
        case STORE:
            variables[operand] = *--top;
            break;
        case ADD:
            top--;
            top[-1] += *top;
            break;
        case MUL:
            top--;
            top[-1] *= *top;
            break;
        case HALVE:
            top[-1] >>= 1;
            break;
        case ODD:
            top[-1] &= 1;
            break;
        case LESS:
            top--;
            top[-1] = top[-1] < *top;
            break;
        case JUMP:
            pc = operand;
            break;
        case JUMP_ZERO:
            if (!*--top)
                pc = operand;
            break;
        case HALT:
            return retired + 1;
        }
    }
}

int main(int argc, char **argv) {
    /* Up to 100000 no path leaves 32 bits: the highest is 1570824736, from 77671. */
    uint32_t variables[VARIABLES] = {[LIMIT] = scale(argc, argv, 100, 100000)};
    uint64_t retired = run(variables);
    print("up to ");
    print_dec(variables[LIMIT]);
    print(" the longest path starts at ");
    print_dec(variables[BEST_N]);
    print(" and has ");
    print_dec(variables[BEST]);
    print(" steps; the VM retired ");
    print_dec(retired);
    print(" instructions\n");
    return 0;
}
