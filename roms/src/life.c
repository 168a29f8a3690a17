/* Conway's Game of Life, on the screen of a bare machine, which has no border: what leaves it comes back at the other
 * side. Space begins with other cells, esc ends it. */
#include "bare.h"

enum { CELL = 4, MOST_COLUMNS = 2048 / CELL, MOST_ROWS = 2048 / CELL };

/* A generation and the next one; how long each cell lives already, as far as it matters. */
static uint8_t cells[2][MOST_ROWS][MOST_COLUMNS];
static int columns, rows, stride;

static void sow(uint8_t now[MOST_ROWS][MOST_COLUMNS], uint32_t *seed) {
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++)
            now[j][i] = next_random(seed) >> 30 == 0;
}

static void live(uint8_t now[MOST_ROWS][MOST_COLUMNS], uint8_t next[MOST_ROWS][MOST_COLUMNS]) {
    for (int j = 0; j < rows; j++) {
        const uint8_t *above = now[j ? j - 1 : rows - 1], *here = now[j], *below = now[j + 1 < rows ? j + 1 : 0];
        for (int i = 0; i < columns; i++) {
            int left = i ? i - 1 : columns - 1, right = i + 1 < columns ? i + 1 : 0;
            int around = !!above[left] + !!above[i] + !!above[right] + !!here[left] + !!here[right] + !!below[left] +
                         !!below[i] + !!below[right];
            int lives = around == 3 || (around == 2 && here[i]);
            next[j][i] = lives ? (uint8_t)(here[i] < 60 ? here[i] + 1 : 60) : 0;
        }
    }
}

static void draw(uint8_t now[MOST_ROWS][MOST_COLUMNS]) {
    for (int j = 0; j < rows * CELL; j++)
        for (int i = 0; i < columns * CELL; i++) {
            uint32_t age = now[j / CELL][i / CELL];
            int edge = j % CELL == CELL - 1 || i % CELL == CELL - 1;
            uint32_t alive = (255 - age * 4) << 16 | (235 - age * 2) << 8 | (80 + age * 2);
            FRAMEBUFFER[j * stride + i] = age && !edge ? alive : 0x101820;
        }
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    columns = (int)SCREEN_WIDTH / CELL, rows = (int)SCREEN_HEIGHT / CELL, stride = (int)SCREEN_STRIDE / 4;
    uint32_t seed = 2026;
    sow(cells[0], &seed);
    for (int turn = 0;; turn ^= 1) {
        draw(cells[turn]);
        show();
        live(cells[turn], cells[turn ^ 1]);
        for (uint32_t event; (event = KEYBOARD_EVENT) != 0;) {
            if (KEY_OF(event) == KEY_ESC)
                return 0;
            if (KEY_OF(event) == KEY_SPACE && IS_DOWN(event))
                sow(cells[turn ^ 1], &seed);
        }
    }
}
