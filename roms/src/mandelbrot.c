/* The Mandelbrot set: short loops of doubles that end nobody knows when. Scale: how many points across; as many lines
 * as half of that. What fits a terminal is drawn. */
#include "rt.h"

enum { DEPTH = 100, WIDEST_PICTURE = 80 };

/* How many steps until the point is far away; DEPTH if it never is, as far as we look. */
static uint32_t steps(double cx, double cy) {
    double x = 0, y = 0, xx = 0, yy = 0;
    uint32_t n = 0;
    for (; n < DEPTH && xx + yy <= 4; n++) {
        y = 2 * x * y + cy;
        x = xx - yy + cx;
        xx = x * x;
        yy = y * y;
    }
    return n;
}

int main(int argc, char **argv) {
    int width = (int)scale(argc, argv, 72, 1 << 13), height = width / 2 + 1;
    uint32_t inside = 0, sum = 0, order = 0;
    for (int j = 0; j < height; j++) {
        double cy = 2.5 * (double)j / (double)height - 1.25;
        for (int i = 0; i < width; i++) {
            uint32_t n = steps(3.0 * (double)i / (double)width - 2.25, cy);
            inside += n == DEPTH;
            sum += n;
            order = order * 31 + n; /* tells every position */
            if (width <= WIDEST_PICTURE)
                print_char(n == DEPTH ? '#' : " .,:;-=+*"[n < 3 ? 0 : n < 27 ? n / 3 : 8]);
        }
        if (width <= WIDEST_PICTURE)
            print("\n");
    }
    print_dec(inside);
    print(" points inside, ");
    print_dec(sum);
    print(" steps, sum ");
    print_hex(order, 8);
    print("\n");
    return 0;
}
