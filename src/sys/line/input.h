/* input.h: keys from a terminal: characters, control keys, and the sequences that terminals send
 * for other keys. */
#ifndef LIMN_LINE_INPUT_H
#define LIMN_LINE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Key codes: 1 .. 31 and 127 are control keys; LIMN_KEY_META + c is Alt with c. */
enum {
  LIMN_KEY_META = 256,
  LIMN_KEY_TEXT = 512, /* a character: limn_input.text */
  LIMN_KEY_UP,
  LIMN_KEY_DOWN,
  LIMN_KEY_LEFT,
  LIMN_KEY_RIGHT,
  LIMN_KEY_HOME,
  LIMN_KEY_END,
  LIMN_KEY_DELETE,
  LIMN_KEY_WORD_LEFT,
  LIMN_KEY_WORD_RIGHT,
  LIMN_KEY_PASTE,  /* the begin of a bracketed paste */
  LIMN_KEY_OTHER,  /* a key without a meaning here */
  LIMN_KEY_SIGNAL, /* a signal came in */
  LIMN_KEY_END_OF_INPUT
};

typedef struct limn_input {
  int fd;
  unsigned char bytes[256]; /* read, but not used: from `at` to `n` */
  size_t at, n;
  char text[5]; /* of LIMN_KEY_TEXT, terminated */
} limn_input;

/* The next key. signalled() is asked before each wait, with the signals of `limn_input_signals`
 * blocked, so that none is missed; true ends the wait with LIMN_KEY_SIGNAL. */
int limn_input_key(limn_input *in, bool (*signalled)(void));

/* Whether more bytes can be read at once. */
bool limn_input_waiting(limn_input *in);

/* The text of a bracketed paste up to its end mark, at most `most` bytes of it: malloc'ed,
 * terminated, with '?' for bytes 0; NULL at the end of input or without memory. */
char *limn_input_paste(limn_input *in, size_t most, bool (*signalled)(void));

/* The signals that interrupt a wait, ended by 0. */
extern const int limn_input_signals[];

#endif
