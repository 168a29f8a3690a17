/* Ends as programs end: a null pointer, some calls away from where it was made. SIGSEGV, exit status 139. */
#include "rt.h"

struct ship {
    char name[16];
    struct ship *next;
    uint32_t cargo; /* offset 24, or 20 where pointers are 32 bits: that is the address of the fault */
};

static struct ship second = {"Pinta", NULL, 2}, first = {"Santa Maria", &second, 1};

/* noipa: the optimiser must not see that the third ship is not there, nor fold the calls into one. */
__attribute__((noipa)) static void load_cargo(struct ship *ship, uint32_t cargo) {
    ship->cargo = cargo;
}

__attribute__((noipa)) static uint32_t load_third_ship(struct ship *fleet) {
    load_cargo(fleet->next->next, 3);
    return fleet->cargo;
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    print("Loading the third ship of two.\n");
    print_dec(load_third_ship(&first));
    print(" tons: this line is never printed\n");
    return 0;
}
