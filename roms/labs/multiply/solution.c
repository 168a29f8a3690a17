/* Multiplies two numbers by shifting and adding. */
#include <stdio.h>
#include <stdlib.h>

unsigned multiply(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b != 0; b >>= 1, a <<= 1)
        if (b & 1)
            product += a;
    return product;
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    printf("%u\n", multiply(atoi(arguments[1]), atoi(arguments[2])));
    return 0;
}
