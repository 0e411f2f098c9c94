/* input.c: reads bytes and recognises the sequences of ECMA-48 that xterm and its like send. */
#include "sys/line/input.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "sys/line/utf8.h"

enum { ESCAPE = 27, END = -1, SIGNALLED = -2, LATE = -3, SEQUENCE_MS = 500 };

const int limn_input_signals[] = {SIGINT, SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, 0};

/* Waits for input: 1, 0 after `milliseconds` (negative: no limit), or SIGNALLED. */
static int wait_for_input(int fd, int milliseconds, bool (*signalled)(void)) {
  sigset_t block, before;
  sigemptyset(&block);
  for (const int *s = limn_input_signals; *s; s++) sigaddset(&block, *s);
  sigprocmask(SIG_BLOCK, &block, &before);
  struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  struct pollfd p = {.fd = fd, .events = POLLIN};
  int got = SIGNALLED;
  if (!signalled()) {
    got = ppoll(&p, 1, milliseconds < 0 ? NULL : &limit, &before);
    if (got < 0) got = errno == EINTR ? SIGNALLED : 1; /* read reports other errors */
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  return got;
}

/* The next byte, END, SIGNALLED, or LATE. */
static int next_byte(limn_input *in, int milliseconds, bool (*signalled)(void)) {
  while (in->at == in->n) {
    int ready = wait_for_input(in->fd, milliseconds, signalled);
    if (ready == SIGNALLED) return SIGNALLED;
    if (ready == 0) return LATE;
    ssize_t got = read(in->fd, in->bytes, sizeof in->bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return END;
    in->at = 0;
    in->n = (size_t)got;
  }
  return in->bytes[in->at++];
}

bool limn_input_waiting(limn_input *in) {
  struct pollfd p = {.fd = in->fd, .events = POLLIN};
  return in->at < in->n || poll(&p, 1, 0) > 0;
}

/* The key of "ESC [ parameters final" or "ESC O final". */
static int sequence(const char *parameters, int final) {
  const char *modifier = strchr(parameters, ';');
  bool moved = modifier && (modifier[1] == '5' || modifier[1] == '3'); /* with Ctrl or Alt */
  switch (final) {
  case 'A':
    return LIMN_KEY_UP;
  case 'B':
    return LIMN_KEY_DOWN;
  case 'C':
    return moved ? LIMN_KEY_WORD_RIGHT : LIMN_KEY_RIGHT;
  case 'D':
    return moved ? LIMN_KEY_WORD_LEFT : LIMN_KEY_LEFT;
  case 'H':
    return LIMN_KEY_HOME;
  case 'F':
    return LIMN_KEY_END;
  case '~':
    switch (atoi(parameters)) {
    case 1:
    case 7:
      return LIMN_KEY_HOME;
    case 3:
      return LIMN_KEY_DELETE;
    case 4:
    case 8:
      return LIMN_KEY_END;
    case 200:
      return LIMN_KEY_PASTE;
    default:
      return LIMN_KEY_OTHER;
    }
  default:
    return LIMN_KEY_OTHER;
  }
}

/* The key that begins with ESC. A signal within it ends it; the rest is read as other keys. */
static int escaped(limn_input *in, bool (*signalled)(void)) {
  char parameters[16] = "";
  size_t n = 0;
  int c = next_byte(in, SEQUENCE_MS, signalled);
  if (c < 0) return c == END ? LIMN_KEY_END_OF_INPUT : LIMN_KEY_OTHER;
  if (c != '[' && c != 'O') {
    if (c == ESCAPE || c >= 0x80) return LIMN_KEY_OTHER;
    return LIMN_KEY_META + c;
  }
  do {
    c = next_byte(in, SEQUENCE_MS, signalled);
    if (c < 0) return c == END ? LIMN_KEY_END_OF_INPUT : LIMN_KEY_OTHER;
    if (c >= 0x40 && c < 0x7f) return sequence(parameters, c);
    if (n + 1 < sizeof parameters) {
      parameters[n++] = (char)c;
      parameters[n] = '\0';
    }
  } while (c >= 0x20 && c < 0x40); /* others belong to no sequence */
  return LIMN_KEY_OTHER;
}

/* A character that begins with byte c; what is no UTF-8 is no key. */
static int character(limn_input *in, int c, bool (*signalled)(void)) {
  size_t n = 0, bytes;
  size_t need = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
  memset(in->text, 0, sizeof in->text);
  in->text[n++] = (char)c;
  while (n < need) {
    c = next_byte(in, SEQUENCE_MS, signalled);
    if (c < 0x80 || c >= 0xc0) {
      if (c >= 0) in->at--; /* the byte begins another key */
      return LIMN_KEY_OTHER;
    }
    in->text[n++] = (char)c;
  }
  return limn_utf8_decode(in->text, n, &bytes) == UINT32_MAX ? LIMN_KEY_OTHER : LIMN_KEY_TEXT;
}

int limn_input_key(limn_input *in, bool (*signalled)(void)) {
  int c = next_byte(in, -1, signalled);
  if (c == END) return LIMN_KEY_END_OF_INPUT;
  if (c == SIGNALLED) return LIMN_KEY_SIGNAL;
  if (c == ESCAPE) return escaped(in, signalled);
  if (c == 0) return LIMN_KEY_OTHER;
  if (c < 0x20 || c == 0x7f) return c;
  return character(in, c, signalled);
}

char *limn_input_paste(limn_input *in, size_t most, bool (*signalled)(void)) {
  static const char mark[] = "\033[201~";
  size_t n = 0, capacity = 4096, end = sizeof mark - 1;
  char *out = malloc(capacity);
  while (out) {
    int c = next_byte(in, -1, signalled);
    if (c == SIGNALLED) {
      out[n] = '\0';
      return out;
    }
    if (c < 0) break;
    if (n + 2 > capacity) {
      char *more = realloc(out, capacity *= 2);
      if (!more) break;
      out = more;
    }
    out[n++] = c ? (char)c : '?';
    if (n >= end && memcmp(out + n - end, mark, end) == 0) {
      out[n - end] = '\0';
      return out;
    }
    if (n > most + end) { /* keeps the begin, and the last bytes to find the mark */
      memmove(out + most, out + most + 1, end);
      n--;
    }
  }
  free(out);
  return NULL;
}
