/* Plasma, on the screen of a bare machine: sums of waves, in whole numbers. Esc ends it. */
#include "bare.h"

/* A wave of 256 steps between -127 and 127, of parabolas: nobody sees the difference to a sine. */
static int wave(uint32_t phase) {
    int x = (int)(phase & 127) - 64;
    int hill = 127 - 127 * x * x / 4096;
    return phase & 128 ? -hill : hill;
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    uint32_t width = SCREEN_WIDTH, height = SCREEN_HEIGHT, stride = SCREEN_STRIDE / 4;
    for (uint32_t time = 0;; time++) {
        for (uint32_t y = 0; y < height; y++) {
            int row = wave(y * 2 + time * 3) + wave(y + 64 - time);
            for (uint32_t x = 0; x < width; x++) {
                int sum = row + wave(x * 3 / 2 + time) + wave((x + y) * 5 / 4 + time * 2 + (uint32_t)row / 4);
                uint32_t hue = (uint32_t)(sum + 512) / 2 + time;
                uint32_t red = (uint32_t)(wave(hue) + 128), green = (uint32_t)(wave(hue + 85) + 128);
                uint32_t blue = (uint32_t)(wave(hue + 170) + 128);
                FRAMEBUFFER[y * stride + x] = red << 16 | green << 8 | blue;
            }
        }
        show();
        for (uint32_t event; (event = KEYBOARD_EVENT) != 0;)
            if (KEY_OF(event) == KEY_ESC)
                return 0;
    }
}
