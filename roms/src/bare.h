/* The bare machine of `portolan run --machine bare`: its devices, for programs in C of any instruction set. What is in
 * rt.h works, too: what is printed goes to the console, and the machine is switched off when main returns. */
#ifndef BARE_H
#define BARE_H

#include "rt.h"

/* Registers are words of 32 bits, each device's in a page of its own. */
#define REGISTER(page, offset) (*(volatile uint32_t *)(uintptr_t)(0x30000000u + 0x1000u * (page) + (offset)))

/* Console. Written: a byte to print. Read: waits for a byte; all ones where the input ends. */
#define CONSOLE_BYTE REGISTER(0, 0)
/* Bit 0: a byte is there; bit 1: the input has ended. */
#define CONSOLE_STATE REGISTER(0, 4)

/* Microseconds since the start; the lower half first, which keeps the upper one. */
#define TIMER_LOW REGISTER(1, 0)
#define TIMER_HIGH REGISTER(1, 4)
/* Written: waits for so many microseconds. */
#define TIMER_WAIT REGISTER(1, 8)

/* Seconds since 1970-01-01 00:00 UTC, likewise. */
#define CLOCK_LOW REGISTER(2, 0)
#define CLOCK_HIGH REGISTER(2, 4)

/* Takes the next event: bits 0 to 15 the key, bit 16 whether it is down now; zero if nothing happened. */
#define KEYBOARD_EVENT REGISTER(3, 0)
#define KEY_OF(event) ((event) & 0xffff)
#define IS_DOWN(event) ((event) >> 16 & 1)
/* Keys have Linux's codes (linux/input-event-codes.h). */
enum { KEY_ESC = 1, KEY_ENTER = 28, KEY_SPACE = 57, KEY_UP = 103, KEY_LEFT = 105, KEY_RIGHT = 106, KEY_DOWN = 108 };

/* The screen: pixels in a row, rows, bytes from one row to the next. */
#define SCREEN_WIDTH REGISTER(4, 0)
#define SCREEN_HEIGHT REGISTER(4, 4)
#define SCREEN_STRIDE REGISTER(4, 8)
/* How many frames were shown. Written: shows the framebuffer as it is, at most sixty times a second. */
#define SCREEN_FRAME REGISTER(4, 12)
/* The pixels, row by row: words of the machine's byte order, 0x00RRGGBB. */
#define FRAMEBUFFER ((uint32_t *)(uintptr_t)0x20000000u)

/* Written: switches the machine off; the lowest byte is the exit status. */
#define POWER REGISTER(5, 0)

/* Shows what was drawn. */
static inline void show(void) {
    __asm__ volatile("" ::: "memory"); /* what was drawn is in memory first */
    SCREEN_FRAME = 1;
}

#endif
