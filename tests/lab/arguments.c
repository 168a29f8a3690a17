/* Functions with arguments and results of many kinds. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int reversed;
short table[] = {3, 7, -8};
double ratio = 0.25;

int ninth(int a, int b, int c, int d, int e, int f, int g, int h, int i)
{
    return a + b + c + d + e + f + g + h == 36 ? i : 0;
}

int length(const char *text)
{
    return strlen(text);
}

const char *name(int number)
{
    static const char *names[] = {"none", "one", "two"};
    return names[number];
}

double half(int number)
{
    return number / 2.0;
}

int wide(int sign)
{
    return sign > 0 ? 0x7fffffff : -1;
}

void reverse(char *text)
{
    char *end = text + strlen(text);
    for (reversed = 0; text < end; reversed++) {
        char last = *--end;
        *end = *text;
        *text++ = last;
        if (text >= end)
            break;
    }
}

int main(void)
{
    char text[16] = {0};
    int count = read(0, text, 4);
    int in = open("in.txt", O_RDONLY), out = open("out.txt", O_WRONLY | O_CREAT, 0600);
    text[count] = ' ';
    count += 1 + read(in, text + count + 1, 4);
    write(out, text, count);
    write(2, "done\n", 5);
    return 0;
}
