/* Matrices of doubles, floats and complex numbers: LU decomposition, inversion, determinants, eigenvalues, least
 * squares, a Fourier transform. Sums are made in a fixed order, so that the last bit is everywhere the same. */
#include <complex.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 12 };

typedef double matrix[N][N];

static double random_unit(void) {
    static uint64_t state = 0x853c49e6748fea9b;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (double)(state >> 11) / 0x1p53;
}

static uint64_t bits(double v) {
    uint64_t b;
    memcpy(&b, &v, sizeof b);
    return b;
}

static void multiply(const matrix a, const matrix b, matrix out) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += a[i][k] * b[k][j];
            out[i][j] = sum;
        }
}

/* In place, with the largest pivot of each column; returns the sign of the permutation, or 0. */
static int decompose(matrix a, int order[N]) {
    int sign = 1;
    for (int i = 0; i < N; i++)
        order[i] = i;
    for (int k = 0; k < N; k++) {
        int best = k;
        for (int i = k + 1; i < N; i++)
            if (fabs(a[i][k]) > fabs(a[best][k]))
                best = i;
        if (a[best][k] == 0)
            return 0;
        if (best != k) {
            double row[N];
            memcpy(row, a[k], sizeof row), memcpy(a[k], a[best], sizeof row), memcpy(a[best], row, sizeof row);
            int o = order[k];
            order[k] = order[best], order[best] = o, sign = -sign;
        }
        for (int i = k + 1; i < N; i++) {
            a[i][k] /= a[k][k];
            for (int j = k + 1; j < N; j++)
                a[i][j] -= a[i][k] * a[k][j];
        }
    }
    return sign;
}

static void solve(const matrix lu, const int order[N], const double b[N], double x[N]) {
    for (int i = 0; i < N; i++) {
        x[i] = b[order[i]];
        for (int j = 0; j < i; j++)
            x[i] -= lu[i][j] * x[j];
    }
    for (int i = N; i--;) {
        for (int j = i + 1; j < N; j++)
            x[i] -= lu[i][j] * x[j];
        x[i] /= lu[i][i];
    }
}

static double distance_from_unit(const matrix a) {
    double worst = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            worst = fmax(worst, fabs(a[i][j] - (i == j)));
    return worst;
}

static void invert(const char *name, const matrix a) {
    matrix lu, inverse, product;
    int order[N];
    memcpy(lu, a, sizeof lu);
    double determinant = decompose(lu, order);
    for (int i = 0; i < N; i++)
        determinant *= lu[i][i];
    printf("%-8s determinant %.12g", name, determinant);
    if (determinant == 0) {
        puts(": singular");
        return;
    }
    for (int j = 0; j < N; j++) {
        double unit[N] = {0}, column[N];
        unit[j] = 1;
        solve(lu, order, unit, column);
        for (int i = 0; i < N; i++)
            inverse[i][j] = column[i];
    }
    multiply(a, inverse, product);
    printf(", inverse[0] %.9g %.9g, off by less than 1e%d, bits %016" PRIx64 "\n", inverse[0][0], inverse[0][N - 1],
           (int)ceil(log10(distance_from_unit(product) + 1e-300)), bits(inverse[N / 2][N / 3]));
}

/* Jacobi's rotations, for a symmetric matrix. */
static void eigenvalues(matrix a) {
    int sweeps = 0;
    for (; sweeps < 50; sweeps++) {
        double off = 0;
        for (int p = 0; p < N; p++)
            for (int q = p + 1; q < N; q++) {
                off += a[p][q] * a[p][q];
                if (fabs(a[p][q]) < 1e-300)
                    continue;
                double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
                double t = copysign(1 / (fabs(theta) + sqrt(theta * theta + 1)), theta);
                double c = 1 / sqrt(t * t + 1), s = t * c;
                for (int k = 0; k < N; k++) {
                    double x = a[k][p], y = a[k][q];
                    a[k][p] = c * x - s * y, a[k][q] = s * x + c * y;
                }
                for (int k = 0; k < N; k++) {
                    double x = a[p][k], y = a[q][k];
                    a[p][k] = c * x - s * y, a[q][k] = s * x + c * y;
                }
            }
        if (off < 1e-20)
            break;
    }
    double trace = 0;
    printf("eigenvalues after %d sweeps:", sweeps);
    for (int i = 0; i < N; i++) {
        trace += a[i][i];
        if (i % 3 == 0)
            printf(" %.9f", a[i][i]);
    }
    printf(", trace %.9f\n", trace);
}

static void floats(void) {
    float a[6][6], x[6] = {1, 1, 1, 1, 1, 1}, length = 0;
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++)
            a[i][j] = 1.0f / (float)(i + j + 1);
    for (int round = 0; round < 40; round++) { /* the power method */
        float y[6] = {0};
        length = 0;
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 6; j++)
                y[i] += a[i][j] * x[j];
            length += y[i] * y[i];
        }
        length = sqrtf(length);
        for (int i = 0; i < 6; i++)
            x[i] = y[i] / length;
    }
    printf("largest eigenvalue in float: %.9g, %a %a\n", (double)length, (double)x[0], (double)x[5]);
}

static void fourier(double complex *v, int n, int sign) {
    if (n == 1)
        return;
    double complex even[64], odd[64];
    for (int i = 0; i < n / 2; i++)
        even[i] = v[2 * i], odd[i] = v[2 * i + 1];
    fourier(even, n / 2, sign), fourier(odd, n / 2, sign);
    for (int i = 0; i < n / 2; i++) {
        double complex turned = cexp(sign * 2 * M_PI * I * i / n) * odd[i];
        v[i] = even[i] + turned, v[i + n / 2] = even[i] - turned;
    }
}

static void spectrum(void) {
    double complex v[64], kept[64];
    double worst = 0;
    for (int i = 0; i < 64; i++)
        kept[i] = v[i] = sin(2 * M_PI * 5 * i / 64) + 0.5 * cos(2 * M_PI * 12 * i / 64) + 0.25 * I;
    fourier(v, 64, -1);
    printf("spectrum:");
    for (int i = 0; i < 64; i++)
        if (cabs(v[i]) > 1e-6)
            printf(" %d:%.6f", i, cabs(v[i]));
    fourier(v, 64, 1);
    for (int i = 0; i < 64; i++)
        worst = fmax(worst, cabs(v[i] / 64 - kept[i]));
    printf(", back %s\n", worst < 1e-13 ? "within 1e-13" : "FAR OFF");
}

static void line(void) {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (int i = 0; i < 200; i++) {
        double x = i * 0.1, y = 3 * x - 7 + (random_unit() - 0.5);
        n++, sx += x, sy += y, sxx += x * x, sxy += x * y;
    }
    double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    printf("line: %.12f x + %.12f\n", slope, (sy - slope * sx) / n);
}

int main(void) {
    static matrix random, hilbert, ring, singular, symmetric;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            random[i][j] = random_unit() * 2 - 1;
            hilbert[i][j] = 1.0 / (i + j + 1) + (i == j) * 0.001;
            ring[i][j] = i == j ? 4 : (i + 1) % N == j || (j + 1) % N == i ? -1 : 0;
            singular[i][j] = i == N - 1 ? 2 * (j + 1) : i == 0 ? j + 1 : i == j; /* the last is twice the first */
            symmetric[i][j] = 1.0 / (1 + abs(i - j));
        }
    invert("random", random);
    invert("hilbert", hilbert);
    invert("ring", ring);
    invert("singular", singular);
    matrix squared, power;
    multiply(random, random, squared), multiply(squared, squared, power);
    printf("power: %.12g %016" PRIx64 "\n", power[3][4], bits(power[N - 1][0]));
    eigenvalues(symmetric);
    floats();
    spectrum();
    line();
    double complex z = 1 + 2 * I, w = cpow(z, 2) / (z - 3 * I);
    printf("complex: %.9f %+.9fi, %.9f, %.9f\n", creal(w), cimag(w), cabs(w), carg(w));
    return 0;
}
