/* A dive into the Mandelbrot set, on the screen of a bare machine: doubles. Esc ends it. */
#include "bare.h"

enum { DEPTH = 160 };

/* Where the dive goes to: a spiral in the valley of the sea horses. */
static const double at_x = -0.743643887037151, at_y = 0.131825904205330;

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

static uint32_t colour(uint32_t n) {
    if (n == DEPTH)
        return 0;
    uint32_t red = n * 5 & 0xff, green = n * 3 & 0xff, blue = 64 + n * 9;
    return red << 16 | green << 8 | (blue > 255 ? 255 : blue);
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    int width = (int)SCREEN_WIDTH, height = (int)SCREEN_HEIGHT, stride = (int)SCREEN_STRIDE / 4;
    for (double size = 3;; size *= 0.96) {
        if (size < 1e-5)
            size = 3;
        double step = size / (double)width;
        for (int j = 0; j < height; j++) {
            double y = at_y + step * (double)(j - height / 2);
            for (int i = 0; i < width; i++)
                FRAMEBUFFER[j * stride + i] = colour(steps(at_x + step * (double)(i - width / 2), y));
        }
        show();
        for (uint32_t event; (event = KEYBOARD_EVENT) != 0;)
            if (KEY_OF(event) == KEY_ESC)
                return 0;
    }
}
