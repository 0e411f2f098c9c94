/* interpret.c: plain interpreters of both languages, bit by bit: running, printing, sampling codes.
 * They share only the truth tables of the inputs with the enumerators, so each is a test of the
 * other. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "limn/rng.h"
#include "num/programs/core.h"

typedef struct {
  uint64_t code;
  int left, used;
  bool dry; /* a bit was needed and none was left */
  char *text;
  size_t size, at;
} reader;

static int bit(reader *r) {
  if (r->left == 0) {
    r->dry = true;
    return 0;
  }
  r->left--;
  r->used++;
  return (int)(r->code >> r->left & 1);
}

/* Truncated binary: reads floor(log2 w) bits, and one more if the value is not a short code. */
static int wire(reader *r, int w) {
  int b = 0, v = 0;
  while (2 << b <= w) b++;
  for (int i = 0; i < b; i++) v = 2 * v + bit(r);
  int few = (2 << b) - w;
  return v < few ? v : 2 * v + bit(r) - few;
}

__attribute__((format(printf, 2, 3))) static void say(reader *r, const char *format, ...) {
  if (!r->text || r->at >= r->size) return;
  va_list ap;
  va_start(ap, format);
  int n = vsnprintf(r->text + r->at, r->size - r->at, format, ap);
  va_end(ap);
  if (n > 0) r->at += (size_t)n;
}

static limn_outcome run_circuit(reader *r, int inputs, uint64_t *table) {
  static const char *const ops[] = {"and", "or", "xor", "nand"};
  uint64_t value[6 + 64] = {0}, mask = limn_table_mask(inputs);
  int w = inputs;
  for (int i = 0; i < inputs; i++) value[i] = limn_input_table(i, inputs);
  if (!bit(r)) {
    int v = wire(r, w);
    if (r->dry) return LIMN_OPEN;
    say(r, "x%d", v + 1);
    *table = value[v];
    return LIMN_HALTS;
  }
  do {
    int op = 2 * bit(r);
    op += bit(r);
    int a = wire(r, w), b = wire(r, w);
    if (r->dry) return LIMN_OPEN;
    say(r, "%sg%d = ", w > inputs ? "; " : "", w - inputs + 1);
    say(r, "%c%d %s ", a < inputs ? 'x' : 'g', a < inputs ? a + 1 : a - inputs + 1, ops[op]);
    say(r, "%c%d", b < inputs ? 'x' : 'g', b < inputs ? b + 1 : b - inputs + 1);
    uint64_t both = value[a] & value[b], any = value[a] | value[b];
    value[w++] = op == 0 ? both : op == 1 ? any : op == 2 ? any & ~both : ~both & mask;
  } while (bit(r));
  if (r->dry) return LIMN_OPEN;
  *table = value[w - 1];
  return LIMN_HALTS;
}

static limn_outcome run_stack(reader *r, int inputs, uint64_t *table) {
  static const char *const words[] = {"and", "xor", "end", "not", "or", "dup", "over"};
  static const int needs[] = {2, 2, 1, 1, 2, 1, 2};
  uint64_t stack[80] = {0}, mask = limn_table_mask(inputs);
  int depth = 0;
  for (;;) {
    if (!bit(r)) {
      int v = wire(r, inputs);
      if (r->dry) return LIMN_OPEN;
      say(r, "%sx%d", r->at ? " " : "", v + 1);
      stack[depth++] = limn_input_table(v, inputs);
      continue;
    }
    int word;
    if (!bit(r))
      word = bit(r);
    else if (!bit(r))
      word = 2;
    else if (!bit(r))
      word = 3;
    else if (!bit(r))
      word = 4;
    else
      word = 5 + bit(r);
    if (r->dry) return LIMN_OPEN;
    if (depth < needs[word]) return LIMN_FAILS;
    if (word == 2) {
      *table = stack[depth - 1];
      return LIMN_HALTS;
    }
    say(r, " %s", words[word]);
    uint64_t a = stack[depth - 1], b = depth > 1 ? stack[depth - 2] : 0;
    switch (word) {
    case 0:
      stack[--depth - 1] = a & b;
      break;
    case 1:
      stack[--depth - 1] = (a | b) & ~(a & b);
      break;
    case 3:
      stack[depth - 1] = ~a & mask;
      break;
    case 4:
      stack[--depth - 1] = a | b;
      break;
    default:
      stack[depth++] = word == 5 ? a : b;
    }
  }
}

limn_outcome limn_programs_run(limn_language language, int inputs, uint64_t code, int bits,
                               uint64_t *table, int *used) {
  reader r = {.code = code, .left = bits};
  limn_outcome o =
      language == LIMN_CIRCUITS ? run_circuit(&r, inputs, table) : run_stack(&r, inputs, table);
  *used = r.used;
  return o;
}

void limn_programs_source(char *text, size_t size, limn_language language, int inputs,
                          uint64_t program) {
  if (size == 0) return;
  text[0] = '\0';
  uint64_t table;
  reader r = {.code = program & (((uint64_t)1 << 56) - 1),
              .left = (int)(program >> 56),
              .text = text,
              .size = size};
  if (language == LIMN_CIRCUITS)
    run_circuit(&r, inputs, &table);
  else
    run_stack(&r, inputs, &table);
}

limn_status limn_programs_sample(uint64_t *table, uint8_t *outcome, uint8_t *used, size_t n,
                                 limn_language language, int inputs, int max_bits, uint64_t seed,
                                 uint64_t point, const limn_token *token, limn_err *err) {
  if (inputs < 1 || inputs > 6)
    return limn_fail_argument(err, LIMN_EINVAL, "inputs", "must be 1 to 6, got %d", inputs);
  if (max_bits < 1 || max_bits > 64)
    return limn_fail_argument(err, LIMN_EINVAL, "max_bits", "must be 1 to 64, got %d", max_bits);
  for (size_t i = 0; i < n; i++) {
    if ((i & 0xFFFF) == 0 && limn_tick(token, (double)i, (double)n)) return limn_stopped(err);
    limn_rng rng = limn_rng_start(limn_key_of(seed, point, i, LIMN_FOR_THEORY), 1);
    uint64_t code = limn_rng_u64(&rng) >> (64 - max_bits);
    int bits = 0;
    table[i] = 0;
    outcome[i] = (uint8_t)limn_programs_run(language, inputs, code, max_bits, &table[i], &bits);
    if (used) used[i] = (uint8_t)bits;
  }
  return LIMN_OK;
}

limn_status limn_programs_tally(uint64_t *hits, uint64_t *failed, uint64_t *open,
                                const limn_space *space, uint64_t n, uint64_t seed, uint64_t point,
                                const limn_token *token, limn_err *err) {
  enum { BLOCK = 4096 };
  *failed = *open = 0;
  memset(hits, 0, space->functions * sizeof *hits);
  for (uint64_t i = 0; i < n; i++) {
    if (i % BLOCK == 0 && limn_tick(token, (double)i, (double)n)) return limn_stopped(err);
    limn_rng rng = limn_rng_start(limn_key_of(seed, point, i, LIMN_FOR_THEORY), 1);
    uint64_t code = limn_rng_u64(&rng) >> (64 - space->max_bits);
    int used = 0;
    uint64_t table = 0;
    limn_outcome o =
        limn_programs_run(space->language, space->inputs, code, space->max_bits, &table, &used);
    if (o == LIMN_FAILS) ++*failed;
    if (o == LIMN_OPEN) ++*open;
    if (o == LIMN_HALTS) hits[limn_programs_find(space, table)]++;
  }
  return LIMN_OK;
}
