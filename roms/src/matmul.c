/* Matrices of doubles: loads, multiplies, adds. build.sh forbids fused multiply-add, so that every ISA rounds at the
 * same places and the results agree to the last bit. Scale: how many rows. */
#include "double.h"

enum { MOST = 512 };
static double a[MOST][MOST], b[MOST][MOST], c[MOST][MOST];

int main(int argc, char **argv) {
    int n = (int)scale(argc, argv, 24, MOST);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            a[i][j] = 1.0 / (double)(i + j + 1); /* the Hilbert matrix: no element but the first few is exact */
            b[i][j] = (double)(i - j) / (double)n;
        }

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int k = 0; k < n; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }

    double trace = 0, total = 0;
    for (int i = 0; i < n; i++) {
        trace += c[i][i];
        for (int j = 0; j < n; j++)
            total += c[i][j];
    }
    print_dec((uint64_t)n);
    print(" rows, last element ");
    print_double(c[n - 1][n - 1]);
    print(", trace ");
    print_double(trace);
    print(", sum ");
    print_double(total);
    print("\n");
    return 0;
}
