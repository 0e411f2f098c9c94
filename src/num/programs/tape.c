/* tape.c: enumerates the programs of a small Turing-complete language and collects the bit
 * sequences that they print; see include/limn/programs.h. */
#include <string.h>
#include "core/core.h"
#include "limn/programs.h"

enum { END, RIGHT, LEFT, FLIP, PRINT, OPEN, CLOSE, XOR, OPS };
enum { MAX_OPS = LIMN_TAPE_BITS / 3 - 1, CELLS = 1 << 12 };

typedef struct {
  limn_tape_space *out;
  int max_ops, steps;
  uint8_t code[MAX_OPS], jump[MAX_OPS], tape[CELLS];
} machine;

/* Matches the brackets of the first n operations; false if there is one without a partner. */
static bool match(machine *m, int n) {
  int open[MAX_OPS], depth = 0;
  for (int i = 0; i < n; i++) {
    if (m->code[i] == OPEN) open[depth++] = i;
    if (m->code[i] == CLOSE) {
      if (depth == 0) return false;
      int from = open[--depth];
      m->jump[i] = (uint8_t)from;
      m->jump[from] = (uint8_t)i;
    }
  }
  return depth == 0;
}

/* Runs n operations again and again until out->bits bits are printed; -1 if the steps or the tape
 * do not suffice. The first bit printed is the lowest. */
static int64_t run(machine *m, int n) {
  int at = CELLS / 2, low = at, high = at, printed = 0, pc = 0;
  uint64_t word = 0;
  int64_t result = -1;
  for (int step = 0; step < m->steps; step++) {
    switch (m->code[pc]) {
    case RIGHT:
      at++;
      break;
    case LEFT:
      at--;
      break;
    case FLIP:
      m->tape[at] ^= 1;
      break;
    case PRINT:
      word |= (uint64_t)m->tape[at] << printed++;
      break;
    case OPEN:
      pc = m->tape[at] ? pc : m->jump[pc];
      break;
    case CLOSE:
      pc = m->tape[at] ? m->jump[pc] : pc;
      break;
    default:
      m->tape[at + 1] ^= m->tape[at];
      break;
    }
    if (at < low) low = at;
    if (at > high) high = at;
    if (printed == m->out->bits) {
      result = (int64_t)word;
      break;
    }
    if (low < 2 || high > CELLS - 3) break;
    if (++pc == n) pc = 0;
  }
  memset(m->tape + low, 0, (size_t)(high - low) + 2); /* one more for XOR */
  return result;
}

/* The program of the first n operations, of 3 (n + 1) bits. */
static void tally(machine *m, int n) {
  limn_tape_space *out = m->out;
  uint64_t weight = (uint64_t)1 << 3 * (m->max_ops - n);
  out->programs++;
  if (n == 0 || !match(m, n)) {
    out->invalid += weight;
    return;
  }
  int64_t sequence = run(m, n);
  if (sequence < 0) {
    out->silent += weight;
    return;
  }
  out->weight[sequence] += weight;
  uint8_t bits = (uint8_t)(3 * (n + 1));
  if (out->shortest[sequence] == 0 || bits < out->shortest[sequence])
    out->shortest[sequence] = bits;
}

static limn_status walk(machine *m, int n, int part, int parts, const limn_token *token,
                        limn_err *err) {
  if (n >= 2 ? n > 2 || (7 * (m->code[0] - 1) + m->code[1] - 1) % parts == part : part == 0)
    tally(m, n);
  if (n == 2 && (7 * (m->code[0] - 1) + m->code[1] - 1) % parts != part) return LIMN_OK;
  if (n == m->max_ops) return LIMN_OK;
  if (n == 3 && limn_cancelled(token)) return limn_stopped(err);
  for (int op = RIGHT; op < OPS; op++) {
    m->code[n] = (uint8_t)op;
    limn_status st = walk(m, n + 1, part, parts, token, err);
    if (st != LIMN_OK) return st;
  }
  return LIMN_OK;
}

limn_status limn_tape_enumerate(limn_tape_space *out, int max_bits, int steps, int part, int parts,
                                const limn_token *token, limn_err *err) {
  if (max_bits < 6 || max_bits > LIMN_TAPE_BITS)
    return limn_fail_argument(err, LIMN_EINVAL, "max_bits", "must be 6 .. %d, got %d",
                              LIMN_TAPE_BITS, max_bits);
  if (out->bits < 1 || out->bits > LIMN_TAPE_PRINTED)
    return limn_fail_argument(err, LIMN_EINVAL, "bits", "must be 1 .. %d, got %d",
                              LIMN_TAPE_PRINTED, out->bits);
  if (parts < 1 || part < 0 || part >= parts)
    return limn_fail_argument(err, LIMN_EINVAL, "part", "must be 1 .. parts (%d), got %d", parts,
                              part + 1);
  machine m = {.out = out, .max_ops = max_bits / 3 - 1, .steps = steps};
  return walk(&m, 0, part, parts, token, err);
}
