/* malloc's customers: an AVL tree, a hash table that grows, a trie, strings that are built up, realloc, all freed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t random32(void) {
    static uint32_t state = 2463534242;
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state;
}

static void *need(void *p) {
    if (!p) {
        puts("out of memory");
        exit(1);
    }
    return p;
}

struct node {
    struct node *child[2];
    uint32_t key;
    int height, count;
};

static int height(const struct node *n) { return n ? n->height : 0; }

static void update(struct node *n) {
    int l = height(n->child[0]), r = height(n->child[1]);
    n->height = 1 + (l > r ? l : r);
}

static struct node *rotate(struct node *n, int to) {
    struct node *up = n->child[!to];
    n->child[!to] = up->child[to];
    up->child[to] = n;
    update(n), update(up);
    return up;
}

static struct node *balance(struct node *n) {
    update(n);
    for (int side = 0; side < 2; side++)
        if (height(n->child[side]) > height(n->child[!side]) + 1) {
            struct node *c = n->child[side];
            if (height(c->child[!side]) > height(c->child[side]))
                n->child[side] = rotate(c, side);
            return rotate(n, !side);
        }
    return n;
}

static struct node *insert(struct node *n, uint32_t key) {
    if (!n) {
        n = need(calloc(1, sizeof *n));
        n->key = key, n->height = n->count = 1;
        return n;
    }
    if (key == n->key)
        n->count++;
    else
        n->child[key > n->key] = insert(n->child[key > n->key], key);
    return balance(n);
}

static struct node *take_least(struct node *n, struct node **least) {
    if (!n->child[0]) {
        *least = n;
        return n->child[1];
    }
    n->child[0] = take_least(n->child[0], least);
    return balance(n);
}

static struct node *erase(struct node *n, uint32_t key) {
    if (!n)
        return n;
    if (key != n->key) {
        n->child[key > n->key] = erase(n->child[key > n->key], key);
        return balance(n);
    }
    struct node *with = n->child[0];
    if (n->child[1]) {
        struct node *rest = take_least(n->child[1], &with);
        with->child[1] = rest, with->child[0] = n->child[0];
        with = balance(with);
    }
    free(n);
    return with;
}

static int walk(const struct node *n, uint32_t *hash) {
    if (!n)
        return 0;
    int count = walk(n->child[0], hash);
    *hash = *hash * 31 + n->key * (uint32_t)n->count;
    return count + 1 + walk(n->child[1], hash);
}

static void drop(struct node *n) {
    if (n)
        drop(n->child[0]), drop(n->child[1]), free(n);
}

/* Open addressing, linear probing; keys are strings of their own. */
struct table {
    struct entry {
        char *key;
        int value;
    } * entries;
    size_t size, used;
};

static struct entry *slot(struct table *t, const char *key) {
    uint32_t hash = 2166136261;
    for (const char *p = key; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619;
    size_t i = hash & (t->size - 1);
    while (t->entries[i].key && strcmp(t->entries[i].key, key))
        i = (i + 1) & (t->size - 1);
    return &t->entries[i];
}

static int *lookup(struct table *t, const char *key) {
    if (2 * t->used >= t->size) {
        struct table bigger = {.size = t->size ? 2 * t->size : 8};
        bigger.entries = need(calloc(bigger.size, sizeof *bigger.entries));
        for (size_t i = 0; i < t->size; i++)
            if (t->entries[i].key)
                *slot(&bigger, t->entries[i].key) = t->entries[i];
        bigger.used = t->used;
        free(t->entries);
        *t = bigger;
    }
    struct entry *e = slot(t, key);
    if (!e->key)
        e->key = need(strdup(key)), t->used++;
    return &e->value;
}

struct trie {
    struct trie *next[26];
    int words;
};

static void trie_add(struct trie *t, const char *word) {
    for (; *word; t = t->next[*word++ - 'a'])
        if (!t->next[*word - 'a'])
            t->next[*word - 'a'] = need(calloc(1, sizeof *t));
    t->words++;
}

static int trie_size(struct trie *t) {
    if (!t)
        return 0;
    int size = 1;
    for (int i = 0; i < 26; i++)
        size += trie_size(t->next[i]);
    free(t);
    return size;
}

int main(void) {
    struct node *root = NULL;
    for (int i = 0; i < 4000; i++)
        root = insert(root, random32() % 10000);
    uint32_t hash = 0;
    printf("tree: %d keys, height %d", walk(root, &hash), height(root));
    printf(", hash %08" PRIx32 "\n", hash);
    for (uint32_t i = 0; i < 10000; i += 3)
        root = erase(root, i);
    hash = 0;
    printf("tree: %d keys, height %d", walk(root, &hash), height(root));
    printf(", hash %08" PRIx32 "\n", hash);
    drop(root);

    struct table table = {0};
    static const char *const syllables[] = {"por", "to", "lan", "ma", "rine", "chart"};
    char word[32];
    for (int i = 0; i < 5000; i++) {
        word[0] = 0;
        for (uint32_t n = 1 + random32() % 4; n--;)
            strcat(word, syllables[random32() % 6]);
        *lookup(&table, word) += i % 7;
    }
    printf("table: %zu words in %zu slots; portolan %d, marine %d\n", table.used, table.size,
           *lookup(&table, "portolan"), *lookup(&table, "marine"));

    struct trie *trie = need(calloc(1, sizeof *trie));
    long total = 0;
    for (size_t i = 0; i < table.size; i++)
        if (table.entries[i].key) {
            trie_add(trie, table.entries[i].key);
            total += table.entries[i].value;
            free(table.entries[i].key);
        }
    free(table.entries);
    printf("total %ld, trie: %d nodes\n", total, trie_size(trie));

    /* Blocks of all sizes, some of them large enough to be mapped by themselves, each with a pattern that must stay. */
    enum { BLOCKS = 200 };
    unsigned char *blocks[BLOCKS] = {0};
    size_t sizes[BLOCKS] = {0};
    int wrong = 0;
    uint64_t moved = 0;
    for (int round = 0; round < 4000; round++) {
        int i = (int)(random32() % BLOCKS);
        for (size_t k = 0; k < sizes[i]; k += 61)
            wrong += blocks[i][k] != (unsigned char)(i + 1);
        size_t size = random32() % 100 ? random32() % 2000 : 150000 + random32() % 200000;
        if (random32() % 5 == 0) {
            free(blocks[i]);
            blocks[i] = NULL, sizes[i] = 0;
        } else {
            blocks[i] = need(realloc(blocks[i], size + 1));
            if (size > sizes[i])
                memset(blocks[i] + sizes[i], i + 1, size - sizes[i]);
            sizes[i] = size;
            moved += size;
        }
    }
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    printf("blocks: %" PRIu64 " bytes asked for, %d wrong\n", moved, wrong);

    char *text = NULL;
    size_t length = 0;
    for (int i = 0; i < 300; i++) {
        char part[16];
        size_t n = (size_t)snprintf(part, sizeof part, "%d,", i * i);
        text = need(realloc(text, length + n + 1));
        memcpy(text + length, part, n + 1);
        length += n;
    }
    printf("text: %zu characters, ends in %s\n", length, text + length - 18);
    free(text);

    void *aligned = NULL;
    for (size_t a = 16; a <= 65536; a *= 16) {
        if (posix_memalign(&aligned, a, 100) || (uintptr_t)aligned % a)
            puts("not aligned");
        free(aligned);
    }
    return 0;
}
