/* The smallest program that shows anything: one write, one exit. */
#include "rt.h"

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    print("Hello from the other side of the instruction set.\n");
    return 0;
}
