/* Shortest ways: Dijkstra with a heap, Bellman and Ford, Floyd and Warshall, which must agree; a maze; a spanning tree.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORTS = 120, ROADS = 700, FAR = INT_MAX / 4 };

struct edge {
    int to, length, next;
};

static struct edge edges[2 * ROADS];
static int first[PORTS], edge_count;
static int apart[PORTS][PORTS];

static uint32_t random32(void) {
    static uint32_t state = 521288629;
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state;
}

static void connect(int a, int b, int length) {
    edges[edge_count] = (struct edge){b, length, first[a]};
    first[a] = edge_count++;
    edges[edge_count] = (struct edge){a, length, first[b]};
    first[b] = edge_count++;
}

struct item {
    int key, port;
};
static struct item heap[4 * ROADS];
static int heap_size;

static void push(int key, int port) {
    int at = heap_size++;
    for (; at && heap[(at - 1) / 2].key > key; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = (struct item){key, port};
}

static struct item pop(void) {
    struct item least = heap[0], last = heap[--heap_size];
    int at = 0;
    for (int child; (child = 2 * at + 1) < heap_size; at = child) {
        child += child + 1 < heap_size && heap[child + 1].key < heap[child].key;
        if (heap[child].key >= last.key)
            break;
        heap[at] = heap[child];
    }
    heap[at] = last;
    return least;
}

static void dijkstra(int from, int distance[PORTS], int before[PORTS]) {
    for (int i = 0; i < PORTS; i++)
        distance[i] = FAR, before[i] = -1;
    distance[from] = 0;
    push(0, from);
    while (heap_size) {
        struct item here = pop();
        if (here.key > distance[here.port])
            continue;
        for (int e = first[here.port]; e >= 0; e = edges[e].next) {
            int d = here.key + edges[e].length;
            if (d < distance[edges[e].to]) {
                distance[edges[e].to] = d, before[edges[e].to] = here.port;
                push(d, edges[e].to);
            }
        }
    }
}

static int bellman(int from, int distance[PORTS]) {
    for (int i = 0; i < PORTS; i++)
        distance[i] = FAR;
    distance[from] = 0;
    for (int round = 1;; round++) {
        int changed = 0;
        for (int i = 0; i < PORTS; i++)
            for (int e = first[i]; e >= 0; e = edges[e].next)
                if (distance[i] + edges[e].length < distance[edges[e].to])
                    distance[edges[e].to] = distance[i] + edges[e].length, changed = 1;
        if (!changed)
            return round;
    }
}

static void floyd(void) {
    for (int i = 0; i < PORTS; i++)
        for (int j = 0; j < PORTS; j++)
            apart[i][j] = i == j ? 0 : FAR;
    for (int i = 0; i < PORTS; i++)
        for (int e = first[i]; e >= 0; e = edges[e].next)
            if (edges[e].length < apart[i][edges[e].to])
                apart[i][edges[e].to] = edges[e].length;
    for (int k = 0; k < PORTS; k++)
        for (int i = 0; i < PORTS; i++)
            for (int j = 0; j < PORTS; j++)
                if (apart[i][k] + apart[k][j] < apart[i][j])
                    apart[i][j] = apart[i][k] + apart[k][j];
}

static int root_of(int parent[], int i) {
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static int by_length(const void *a, const void *b) {
    const int *x = a, *y = b; /* indices of edges: ties broken by them, so that the order is one only */
    if (edges[*x].length != edges[*y].length)
        return edges[*x].length < edges[*y].length ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

static void spanning_tree(void) {
    int order[ROADS], parent[PORTS], used = 0;
    int64_t total = 0;
    for (int i = 0; i < ROADS; i++)
        order[i] = 2 * i;
    for (int i = 0; i < PORTS; i++)
        parent[i] = i;
    qsort(order, ROADS, sizeof *order, by_length);
    for (int i = 0; i < ROADS; i++) {
        int a = root_of(parent, edges[order[i]].to), b = root_of(parent, edges[order[i] + 1].to);
        if (a != b)
            parent[a] = b, total += edges[order[i]].length, used++;
    }
    printf("spanning tree: %d roads, %" PRId64 " long\n", used, total);
}

/* A maze dug at random, and the way through it, breadth first. */
static void maze(void) {
    enum { H = 15, W = 41 };
    char map[H][W + 1];
    int stack[H * W], top = 0, queue[H * W], head = 0, tail = 0, before[H * W];
    static const int step[4] = {-W, 1, W, -1};
    for (int r = 0; r < H; r++)
        memset(map[r], '#', W), map[r][W] = 0;
    stack[top++] = W + 1;
    map[1][1] = ' ';
    while (top) {
        int at = stack[top - 1], start = (int)(random32() % 4), dug = 0;
        for (int i = 0; i < 4 && !dug; i++) {
            int d = (start + i) % 4,
                r = at / W + (d == 2   ? 2
                              : d == 0 ? -2
                                       : 0),
                c = at % W + (d == 1   ? 2
                              : d == 3 ? -2
                                       : 0);
            if (r > 0 && r < H && c > 0 && c < W && map[r][c] == '#') {
                int wall = at + step[d];
                map[r][c] = map[wall / W][wall % W] = ' ';
                stack[top++] = r * W + c, dug = 1;
            }
        }
        top -= !dug;
    }
    memset(before, -1, sizeof before);
    queue[tail++] = W + 1, before[W + 1] = 0;
    while (head < tail) {
        int at = queue[head++];
        for (int d = 0; d < 4; d++) {
            int to = at + step[d];
            if (map[to / W][to % W] == ' ' && before[to] < 0)
                before[to] = at, queue[tail++] = to;
        }
    }
    int length = 0;
    for (int at = (H - 2) * W + W - 2; at; at = before[at])
        map[at / W][at % W] = '.', length++;
    for (int r = 0; r < H; r++)
        puts(map[r]);
    printf("%d steps\n", length);
}

int main(void) {
    memset(first, -1, sizeof first);
    for (int i = 0; i < ROADS; i++) {
        int a = i < PORTS - 1 ? i + 1 : (int)(random32() % PORTS), b = (int)(random32() % (uint32_t)(a ? a : PORTS));
        connect(a, b, 1 + (int)(random32() % 1000));
    }
    floyd();
    int wrong = 0, longest = 0, ends[2] = {0, 0}, rounds = 0;
    int64_t total = 0;
    for (int from = 0; from < PORTS; from++) {
        int distance[PORTS], other[PORTS], before[PORTS];
        dijkstra(from, distance, before);
        int n = bellman(from, other);
        rounds = n > rounds ? n : rounds;
        for (int to = 0; to < PORTS; to++) {
            wrong += distance[to] != apart[from][to] || distance[to] != other[to];
            total += distance[to];
            if (distance[to] > longest)
                longest = distance[to], ends[0] = from, ends[1] = to;
        }
    }
    printf("%d ports, %d roads: all ways together %" PRId64 ", %d wrong, %d rounds at most\n", PORTS, ROADS, total,
           wrong, rounds);
    int distance[PORTS], before[PORTS];
    dijkstra(ends[0], distance, before);
    printf("the longest is %d:", longest);
    for (int at = ends[1]; at >= 0; at = before[at])
        printf(" %d", at);
    putchar('\n');
    spanning_tree();
    maze();
    return 0;
}
