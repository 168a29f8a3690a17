/* A sun and four planets that pull at each other: square roots, divisions, long chains of doubles. The square root is
 * an instruction on every ISA, and rounded right, so that the results agree to the last bit. Scale: how many steps. */
#include "double.h"

enum { BODIES = 5 };

/* Astronomical units, years, and 4 pi^2 for the mass of a sun: a circle of radius 1 takes a year at a speed of 2 pi. */
static struct body {
    double x, y, z, vx, vy, vz, mass;
} bodies[BODIES] = {
    {0, 0, 0, 0, 0, 0, 39.47841760435743},     {0.75, 0, 0.0625, 0, 7.25, 0.5, 0.0001},
    {0, 1.5, -0.125, -5.125, 0, 0.25, 0.0005}, {-5.25, 0.5, 0.25, -0.25, -2.75, 0, 0.04},
    {1, -9.5, 0.75, 2, 0.25, -0.125, 0.0125},
};

/* Where the middle of all mass rests, nothing drifts away. */
static void rest(void) {
    double px = 0, py = 0, pz = 0;
    for (struct body *b = bodies; b < bodies + BODIES; b++) {
        px += b->vx * b->mass;
        py += b->vy * b->mass;
        pz += b->vz * b->mass;
    }
    bodies[0].vx -= px / bodies[0].mass;
    bodies[0].vy -= py / bodies[0].mass;
    bodies[0].vz -= pz / bodies[0].mass;
}

/* Speeds first, then places: of the simple methods the one that keeps the energy. */
static void step(double dt) {
    for (struct body *a = bodies; a < bodies + BODIES; a++)
        for (struct body *b = a + 1; b < bodies + BODIES; b++) {
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz;
            double pull = dt / (square * __builtin_sqrt(square));
            a->vx -= dx * b->mass * pull;
            a->vy -= dy * b->mass * pull;
            a->vz -= dz * b->mass * pull;
            b->vx += dx * a->mass * pull;
            b->vy += dy * a->mass * pull;
            b->vz += dz * a->mass * pull;
        }
    for (struct body *b = bodies; b < bodies + BODIES; b++) {
        b->x += dt * b->vx;
        b->y += dt * b->vy;
        b->z += dt * b->vz;
    }
}

static double energy(void) {
    double sum = 0;
    for (struct body *a = bodies; a < bodies + BODIES; a++) {
        sum += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (struct body *b = a + 1; b < bodies + BODIES; b++) {
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            sum -= a->mass * b->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return sum;
}

int main(int argc, char **argv) {
    uint32_t steps = scale(argc, argv, 2000, 100000000);
    rest();
    print("energy ");
    print_double(energy());
    for (uint32_t n = steps; n--;)
        step(1.0 / 1024);
    print(", after ");
    print_dec(steps);
    print(" steps ");
    print_double(energy());
    print("\n");
    for (struct body *b = bodies; b < bodies + BODIES; b++) {
        print_double(b->x);
        print(" ");
        print_double(b->y);
        print(" ");
        print_double(b->z);
        print("\n");
    }
    return 0;
}
