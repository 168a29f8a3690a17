/* An ordinary program for Linux's framebuffer and a keyboard: tells what they are, draws by every way that there is, and
 * writes down what is pressed until that is escape. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fb.h>
#include <linux/input.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fb_var_screeninfo mode;
static struct fb_fix_screeninfo fixed;

static void describe_file(const char *name, int fd) {
    struct stat by_name, opened;
    printf("%s: %d %d", name, lstat(name, &by_name), fstat(fd, &opened));
    printf(" %d %u:%u, the same: %d\n", S_ISCHR(opened.st_mode), major(opened.st_rdev), minor(opened.st_rdev),
           by_name.st_ino == opened.st_ino && by_name.st_rdev == opened.st_rdev);
}

static void describe_screen(int fb) {
    if (ioctl(fb, FBIOGET_VSCREENINFO, &mode) || ioctl(fb, FBIOGET_FSCREENINFO, &fixed)) {
        perror("fb0");
        return;
    }
    printf("%ux%u of %ux%u, %u bits: red %u+%u, green %u+%u, blue %u+%u\n", mode.xres, mode.yres, mode.xres_virtual,
           mode.yres_virtual, mode.bits_per_pixel, mode.red.offset, mode.red.length, mode.green.offset, mode.green.length,
           mode.blue.offset, mode.blue.length);
    printf("%.16s: %u bytes, %u a row, visual %u\n", fixed.id, fixed.smem_len, fixed.line_length, fixed.visual);
    printf("the same mode: %d\n", ioctl(fb, FBIOPUT_VSCREENINFO, &mode));
    printf("pan: %d\n", ioctl(fb, FBIOPAN_DISPLAY, &mode));
    struct fb_var_screeninfo other = mode;
    other.xres *= 2;
    printf("another mode: %d", ioctl(fb, FBIOPUT_VSCREENINFO, &other));
    printf(" %s\n", strerror(errno));
    printf("a terminal's request: %d", ioctl(fb, TIOCGWINSZ, &other));
    printf(" %s\n", strerror(errno));
}

static void describe_keyboard(int keys) {
    int version = 0;
    struct input_id id = {0};
    char name[64] = "";
    unsigned long kinds[1] = {0}, known[KEY_MAX / (8 * sizeof(long)) + 1] = {0};
    printf("version %d", ioctl(keys, EVIOCGVERSION, &version));
    printf(" %#x\n", version);
    printf("id %d", ioctl(keys, EVIOCGID, &id));
    printf(" bus %u\n", id.bustype);
    printf("name %d", ioctl(keys, EVIOCGNAME(sizeof name), name));
    printf(" %s\n", name);
    ioctl(keys, EVIOCGBIT(0, sizeof kinds), kinds);
    ioctl(keys, EVIOCGBIT(EV_KEY, sizeof known), known);
    printf("kinds %lx, ", kinds[0]);
    for (unsigned key = 0; key < KEY_CNT; key++)
        if (known[key / (8 * sizeof(long))] >> key % (8 * sizeof(long)) & 1 && (key == KEY_ESC || key == KEY_DELETE))
            printf("key %u ", key);
    printf("grab %d\n", ioctl(keys, EVIOCGRAB, 1));
}

/* A gradient, by another process; a row by writing; a pixel read back. */
static void draw(int fb) {
    uint32_t *pixels = mmap(0, fixed.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fb, 0);
    if (pixels == MAP_FAILED) {
        perror("mmap");
        return;
    }
    if (fork() == 0) {
        for (uint32_t y = 0; y < mode.yres; y++)
            for (uint32_t x = 0; x < mode.xres; x++)
                pixels[y * fixed.line_length / 4 + x] = x << mode.red.offset | y << mode.green.offset | 64u << mode.blue.offset;
        _exit(0);
    }
    wait(0);
    uint32_t row[4096];
    for (uint32_t x = 0; x < mode.xres; x++)
        row[x] = 0xffu << mode.blue.offset;
    lseek(fb, 10 * fixed.line_length, SEEK_SET);
    printf("written: %d\n", (int)write(fb, row, mode.xres * 4) == (int)mode.xres * 4);
    uint32_t pixel = 0;
    printf("read: %d", (int)pread(fb, &pixel, 4, 11 * fixed.line_length + 5 * 4));
    printf(" %06x, mapped %06x\n", pixel, pixels[10 * fixed.line_length / 4]);
    printf("ends at %d\n", (int)lseek(fb, 0, SEEK_END) == (int)fixed.smem_len);
    munmap(pixels, fixed.smem_len);
}

static void listen(int keys) {
    struct pollfd poll_keys = {.fd = keys, .events = POLLIN};
    for (;;) {
        if (poll(&poll_keys, 1, 60000) != 1)
            return;
        struct input_event events[8];
        ssize_t got = read(keys, events, sizeof events);
        for (size_t i = 0; i < (size_t)got / sizeof *events; i++) {
            struct input_event *it = &events[i];
            int is_late = it->time.tv_sec > 1600000000 && it->time.tv_usec < 1000000;
            printf("type %u code %u value %d time %d\n", it->type, it->code, it->value, is_late);
            if (it->type == EV_KEY && it->code == KEY_ESC && !it->value)
                return;
        }
    }
}

int main(void) {
    int fb = open("/dev/fb0", O_RDWR), keys = open("/dev/input/event0", O_RDONLY);
    if (fb < 0 || keys < 0) {
        perror("no screen");
        return 1;
    }
    describe_file("/dev/fb0", fb);
    describe_file("/dev/input/event0", keys);
    describe_screen(fb);
    describe_keyboard(keys);
    draw(fb);
    fflush(stdout);
    listen(keys);
    printf("done\n");
    return 7;
}
