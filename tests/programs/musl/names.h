/* What glibc declares of names.c. */
const char *strerrorname_np(int number);
const char *sigabbrev_np(int number);
