/* Fibonacci the slow way: nothing but calls, returns and the stack between them. Scale: which number. */
#include "rt.h"

/* Not inlined into itself, so that the code of each ISA still looks like this function. */
__attribute__((noinline)) static uint32_t fib(uint32_t n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv) {
    uint32_t n = scale(argc, argv, 20, 47);
    print("fib(");
    print_dec(n);
    print(") = ");
    print_dec(fib(n));
    print("\n");
    return 0;
}
