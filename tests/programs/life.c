/* Conway's game of life twice, on bytes and on words of bits, which must agree; and two more automata. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 48, COLUMNS = 64 };

static uint8_t cells[ROWS][COLUMNS];
static uint64_t words[ROWS];

static int wrap(int i, int n) { return (i + n) % n; }

static void step_cells(void) {
    static uint8_t next[ROWS][COLUMNS];
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++) {
            int around = -cells[r][c];
            for (int dr = -1; dr <= 1; dr++)
                for (int dc = -1; dc <= 1; dc++)
                    around += cells[wrap(r + dr, ROWS)][wrap(c + dc, COLUMNS)];
            next[r][c] = around == 3 || (around == 2 && cells[r][c]);
        }
    memcpy(cells, next, sizeof cells);
}

static uint64_t left(uint64_t w) { return w << 1 | w >> 63; }
static uint64_t right(uint64_t w) { return w >> 1 | w << 63; }

/* Sixty-four cells at once: the neighbours are added as three-bit numbers, one bit of each in a word. */
static void step_words(void) {
    uint64_t next[ROWS];
    for (int r = 0; r < ROWS; r++) {
        uint64_t up = words[wrap(r - 1, ROWS)], own = words[r], down = words[wrap(r + 1, ROWS)];
        uint64_t around[8] = {left(up), up, right(up), left(own), right(own), left(down), down, right(down)};
        uint64_t ones = 0, twos = 0, fours = 0;
        for (int i = 0; i < 8; i++) {
            uint64_t carry = ones & around[i];
            ones ^= around[i];
            fours |= twos & carry;
            twos ^= carry;
        }
        next[r] = twos & ~fours & (ones | own);
    }
    memcpy(words, next, sizeof words);
}

static int compare(void) {
    int different = 0;
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++)
            different += cells[r][c] != (words[r] >> c & 1);
    return different;
}

static void put(int r, int c, const char *pattern) {
    for (int column = c; *pattern; pattern++)
        if (*pattern == '/')
            r++, column = c;
        else
            cells[r][column] = *pattern == 'O', words[r] |= (uint64_t)(*pattern == 'O') << column, column++;
}

static int population(void) {
    int n = 0;
    for (int r = 0; r < ROWS; r++)
        n += __builtin_popcountll(words[r]);
    return n;
}

static void show(int from, int rows, int columns) {
    for (int r = from; r < from + rows; r++) {
        for (int c = 0; c < columns; c++)
            putchar(cells[r][c] ? 'O' : '.');
        putchar('\n');
    }
}

/* Wolfram's rules, one line of cells. */
static void line(int rule, int generations) {
    uint64_t w = 1ull << 32, hash = 0;
    for (int g = 0; g < generations; g++) {
        uint64_t next = 0, l = left(w), r = right(w);
        for (int pattern = 0; pattern < 8; pattern++)
            if (rule >> pattern & 1)
                next |= (pattern & 4 ? l : ~l) & (pattern & 2 ? w : ~w) & (pattern & 1 ? r : ~r);
        w = next;
        hash = (hash ^ w) * 0x100000001b3;
    }
    printf("rule %d: %016" PRIx64 " %016" PRIx64 "\n", rule, w, hash);
}

/* Langton's ant: turn, flip, walk. */
static void ant(int steps) {
    memset(cells, 0, sizeof cells);
    int r = ROWS / 2, c = COLUMNS / 2, dr = -1, dc = 0, black = 0;
    while (steps--) {
        int turn = cells[r][c] ? -1 : 1, t = dr;
        dr = dc * turn, dc = -t * turn;
        cells[r][c] ^= 1;
        r = wrap(r + dr, ROWS), c = wrap(c + dc, COLUMNS);
    }
    for (int i = 0; i < ROWS * COLUMNS; i++)
        black += cells[i / COLUMNS][i % COLUMNS];
    printf("ant at %d,%d, %d black\n", r, c, black);
}

int main(void) {
    put(1, 1,
        "........................O/......................O.O/............OO......OO............OO/"
        "...........O...O....OO............OO/OO........O.....O...OO/OO........O...O.OO....O.O/"
        "..........O.....O.......O/...........O...O/............OO");
    put(36, 40, ".OO/OO/.O");
    put(30, 5, "OOO/..O/.O");
    int different = 0;
    for (int g = 0; g <= 300; g++) {
        if (g % 50 == 0)
            printf("generation %3d: %d cells, %d different\n", g, population(), different);
        if (g == 120)
            show(0, 24, 48);
        step_cells(), step_words();
        different += compare();
    }
    line(30, 200);
    line(90, 63);
    line(110, 500);
    ant(11000);
    return 0;
}
