/* Snake, on the screen of a bare machine. The arrow keys steer; space begins again when it is over, esc ends it. It prints
 * the score of each game, and the exit status is the best one. */
#include "bare.h"

enum { COLUMNS = 20, ROWS = 15, ROOM = COLUMNS * ROWS, FIRST_LENGTH = 4, FRAMES_A_STEP = 6 };
enum { GROUND = 0x16201a, GRID = 0x1b2820, BODY = 0x4caf50, HEAD = 0xb2ff59, FOOD = 0xff5252, LOST = 0x5d4037 };

/* From the tail to the head, in a ring: row * COLUMNS + column. */
static uint16_t snake[ROOM];
static uint8_t taken[ROOM];
static int tail, length, food, direction;
static uint32_t seed = 1;

/* Directions: up, left, right, down; the opposite of one is 3 minus it. */
static int direction_of(uint32_t key) {
    return key == KEY_UP ? 0 : key == KEY_LEFT ? 1 : key == KEY_RIGHT ? 2 : key == KEY_DOWN ? 3 : -1;
}

static int head(void) {
    return snake[(tail + length - 1) % ROOM];
}

static void place_food(void) {
    do
        food = (int)(next_random(&seed) % ROOM);
    while (taken[food]);
}

static void begin(void) {
    memset(taken, 0, sizeof taken);
    tail = 0, length = FIRST_LENGTH, direction = 2;
    for (int i = 0; i < length; i++) {
        snake[i] = (uint16_t)(ROWS / 2 * COLUMNS + 3 + i);
        taken[snake[i]] = 1;
    }
    place_food();
}

/* One field further; whether that was possible. */
static int step(void) {
    static const int right[4] = {0, -1, 1, 0}, down[4] = {-1, 0, 0, 1};
    int column = head() % COLUMNS + right[direction], row = head() / COLUMNS + down[direction];
    if (column < 0 || column >= COLUMNS || row < 0 || row >= ROWS)
        return 0;
    int next = row * COLUMNS + column;
    if (next != food) { /* else it grows */
        taken[snake[tail]] = 0;
        tail = (tail + 1) % ROOM;
        length--;
    }
    if (taken[next])
        return 0;
    snake[(tail + length++) % ROOM] = (uint16_t)next;
    taken[next] = 1;
    if (length == ROOM)
        return 0;
    if (next == food)
        place_food();
    return 1;
}

static void draw(int lost) {
    int width = (int)SCREEN_WIDTH, height = (int)SCREEN_HEIGHT, stride = (int)SCREEN_STRIDE / 4;
    int size = width / COLUMNS < height / ROWS ? width / COLUMNS : height / ROWS;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int column = size ? x / size : 0, row = size ? y / size : 0;
            uint32_t colour = 0;
            if (column < COLUMNS && row < ROWS) {
                int field = row * COLUMNS + column;
                int edge = x % size == 0 || y % size == 0;
                colour = edge ? GRID : GROUND;
                if (taken[field] && !edge)
                    colour = lost ? LOST : field == head() ? HEAD : BODY;
                if (field == food && !edge)
                    colour = FOOD;
            }
            FRAMEBUFFER[y * stride + x] = colour;
        }
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    int best = 0, lost = 0, wanted = 2;
    begin();
    for (uint32_t frame = 1;; frame++) {
        draw(lost);
        show();
        for (uint32_t event; (event = KEYBOARD_EVENT) != 0;) {
            if (!IS_DOWN(event))
                continue;
            if (KEY_OF(event) == KEY_ESC)
                return best;
            if (KEY_OF(event) == KEY_SPACE && lost) {
                begin();
                lost = 0, wanted = direction;
            }
            int turn = direction_of(KEY_OF(event));
            if (turn >= 0 && turn != 3 - direction)
                wanted = turn;
        }
        if (lost || frame % FRAMES_A_STEP)
            continue;
        direction = wanted;
        if (!step()) {
            lost = 1;
            int score = length - FIRST_LENGTH;
            best = score > best ? score : best;
            print("score ");
            print_int(score);
            print("\n");
        }
    }
}
