/* test_line.c: the parts of the line editor, and whole texts typed through a pipe. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/line/buffer.h"
#include "sys/line/history.h"
#include "sys/line/line.h"
#include "sys/line/lua_tokens.h"
#include "sys/line/utf8.h"

Test(utf8, decodes_what_is_valid) {
  size_t n;
  cr_assert_eq(limn_utf8_decode("a", 1, &n), 'a');
  cr_assert_eq(limn_utf8_decode("\xc3\xa9", 2, &n), 0xe9);
  cr_assert_eq(n, 2);
  cr_assert_eq(limn_utf8_decode("\xf0\x9f\x98\x80", 4, &n), 0x1f600);
  static const char *const bad[] = {
      "\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3(", "\xff"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    cr_assert_eq(limn_utf8_decode(bad[i], strlen(bad[i]), &n), UINT32_MAX, "%zu", i);
    cr_assert_eq(n, 1);
  }
  cr_assert_eq(limn_utf8_decode("\xe6\xbc", 2, &n), UINT32_MAX); /* unfinished */
}

Test(utf8, moves_over_whole_characters) {
  static const char text[] =
      "e\xcc\x81\xe6\xbc\xa2\x80x"; /* e with an accent, a wide one, a stray byte, x */
  static const size_t stops[] = {0, 3, 6, 7, 8};
  size_t n = sizeof text - 1;
  for (int i = 0; i < 4; i++) {
    cr_assert_eq(limn_utf8_next(text, n, stops[i]), stops[i + 1], "%d", i);
    cr_assert_eq(limn_utf8_previous(text, n, stops[i + 1]), stops[i], "%d", i);
  }
  cr_assert_eq(limn_utf8_columns(0x6f22), 2);
  cr_assert_eq(limn_utf8_columns(0x301), 0);
  cr_assert_eq(limn_utf8_columns(0x3b1), 1);
}

static void kinds_are(const char *text, const char *expected) {
  unsigned char kinds[256];
  char seen[256] = "";
  size_t n = strlen(text);
  limn_lua_tokens(text, n, kinds);
  for (size_t i = 0; i < n; i++) seen[i] = ".ksc0bmx"[kinds[i]];
  cr_assert_str_eq(seen, expected, "%s: %s", text, seen);
}

Test(tokens, kinds) {
  kinds_are("for i = 1, 0x1f", "kkk.....0..0000");
  kinds_are("a.b'c\\'d' .. 1", "...ssssss....0");
  kinds_are("x = [==[ ]] ]==] y", "....ssssssssssss..");
  kinds_are("f(1) -- no (end", ".b0b.cccccccccc");
  kinds_are("--[[ two\nlines ]]end", "ccccccccccccccccckkk");
  kinds_are("'open\nx", "sssss..");
}

Test(tokens, brackets) {
  static const char text[] = "f({1, ')'}]";
  unsigned char kinds[16];
  size_t n = sizeof text - 1;
  limn_lua_tokens(text, n, kinds);
  limn_lua_match(text, n, 2, kinds);
  cr_assert_eq(kinds[2], LIMN_TOKEN_MATCH);
  cr_assert_eq(kinds[9], LIMN_TOKEN_MATCH);
  limn_lua_tokens(text, n, kinds);
  limn_lua_match(text, n, n, kinds); /* ( closed by ] */
  cr_assert_eq(kinds[1], LIMN_TOKEN_NO_MATCH);
  cr_assert_eq(kinds[10], LIMN_TOKEN_NO_MATCH);
}

Test(tokens, depth) {
  static const struct {
    const char *text;
    int depth;
  } cases[] = {{"", 0},
               {"for i = 1, 2 do\n", 1},
               {"if a then\n  if b then\n", 2},
               {"if a then\n  x()\nelse", 0},
               {"if a then\n  x()\nelse\n", 1},
               {"if a then\nelseif b then\n", 1},
               {"repeat\n  x()\nuntil", 0},
               {"f({\n", 2},
               {"f({\n}", 1},
               {"while x do y() end\n", 0},
               {"end\n", 0},
               {"s = [[\n", -1},
               {"-- do\n", 0},
               {"s = 'do'\n", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    cr_assert_eq(limn_lua_depth(cases[i].text, strlen(cases[i].text)), cases[i].depth, "%s",
                 cases[i].text);
}

Test(history, files_of_libedit_and_of_two_sessions) {
  char path[] = "/tmp/limn_history_XXXXXX";
  static const char old[] =
      "_HiStOrY_V2_\nx\\040=\\0401\\012y\nback\\\\slash\n\\M-C\\M-)\ntab\\^Ix\n";
  int fd = mkstemp(path);
  cr_assert_eq(write(fd, old, sizeof old - 1), (ssize_t)(sizeof old - 1));
  close(fd);
  limn_history a, b;
  limn_history_open(&a, path);
  limn_history_open(&b, path);
  cr_assert_eq(a.count, 4);
  cr_assert_str_eq(a.entries[0], "x = 1\ny");
  cr_assert_str_eq(a.entries[1], "back\\slash");
  cr_assert_str_eq(a.entries[2], "\xc3\xa9");
  cr_assert_str_eq(a.entries[3], "tab\tx");
  limn_history_add(&a, "of a");
  limn_history_add(&a, "of a");
  limn_history_add(&b, "of\nb \\ \x7f");
  limn_history_close(&a);
  limn_history_open(&a, path);
  cr_assert_eq(a.count, 6);
  cr_assert_str_eq(a.entries[4], "of a");
  cr_assert_str_eq(a.entries[5], "of\nb \\ \x7f");
  cr_assert_eq(limn_history_find(&a, a.count, "slash", 5, 0), 1);
  cr_assert_eq(limn_history_find(&a, a.count, "of", 2, 1), 5);
  cr_assert_eq(limn_history_find(&a, 5, "of", 2, 1), 4);
  cr_assert_eq(limn_history_find(&a, 4, "of", 2, 1), a.count);
  limn_history_close(&a);
  limn_history_close(&b);
  FILE *f = fopen(path, "w"); /* a long file is shortened to the last entries */
  for (int i = 0; i < 7000; i++) fprintf(f, "e%d\n", i);
  fclose(f);
  limn_history_open(&a, path);
  cr_assert_eq(a.count, LIMN_HISTORY_ENTRIES);
  cr_assert_str_eq(a.entries[0], "e2000");
  limn_history_close(&a);
  struct stat info;
  cr_assert_eq(stat(path, &info), 0);
  cr_assert_eq(info.st_mode & 0777, 0600);
  limn_history_open(&a, path);
  cr_assert_str_eq(a.entries[0], "e2000");
  limn_history_close(&a);
  unlink(path);
}

Test(buffer, undo_joins_typed_text) {
  limn_line_buffer b = {0};
  limn_buffer_set(&b, "", 0);
  for (int i = 0; i < 5; i++) {
    limn_buffer_mark(&b, true);
    limn_buffer_replace(&b, b.cursor, 0, "x", 1);
  }
  limn_buffer_mark(&b, false);
  limn_buffer_replace(&b, 1, 3, "", 0);
  cr_assert_str_eq(b.text, "xx");
  limn_buffer_undo(&b);
  cr_assert_str_eq(b.text, "xxxxx");
  limn_buffer_undo(&b);
  cr_assert_str_eq(b.text, "");
  limn_buffer_undo(&b);
  for (int i = 0; i < 3 * LIMN_UNDO_STATES; i++) limn_buffer_mark(&b, false);
  limn_buffer_free(&b);
}

/* ---- texts typed through a pipe ---- */

static bool odd(void *data, const char *text) {
  (void)data;
  size_t opened = 0;
  for (; *text; text++) opened += *text == '{' ? 1 : *text == '}' ? (size_t)-1 : 0;
  return opened != 0;
}

static void completed(void *data, const char *text, size_t cursor, limn_completion *found) {
  (void)data;
  cr_assert(cursor <= strlen(text));
  if (cursor >= 2 && text[cursor - 1] == 'q') {
    found->insert = strdup("uestion");
    found->list = strdup("one  two\nthree");
  } else if (cursor >= 2) {
    found->insert = strdup("\xce\xb1");
    found->removes = 2;
  }
}

static char *hinted(void *data, const char *text, size_t cursor) {
  (void)data;
  return cursor % 2 ? strdup(text) : NULL;
}

static limn_line *opened(int *keys) {
  int ends[2];
  cr_assert_eq(pipe(ends), 0);
  limn_line_hooks hooks = {NULL, odd, completed, hinted, NULL};
  int out = open("/dev/null", O_WRONLY);
  limn_line *e = limn_line_open(ends[0], out, NULL, true, hooks);
  cr_assert(e);
  *keys = ends[1];
  return e;
}

static void typed(const char *keys, size_t n, limn_line_outcome outcome, const char *expected) {
  int in;
  const char *text;
  limn_line *e = opened(&in);
  limn_line_remember(e, "first entry");
  limn_line_remember(e, "second entry");
  cr_assert_eq(write(in, keys, n), (ssize_t)n);
  close(in);
  cr_assert_eq(limn_line_read(e, "> ", ". ", &text), outcome, "%s", keys);
  cr_assert_str_eq(text, expected, "%s: %s", keys, text);
  limn_line_close(e);
}
#define TYPED(keys, expected) typed(keys, sizeof keys - 1, LIMN_LINE_TEXT, expected)

Test(line, keys) {
  TYPED("hello\r", "hello");
  TYPED("hel\x01X\x05Y\r", "XhelY");
  TYPED("one two\x1b"
        "b\x0b\x01\x19\r",
        "twoone ");
  TYPED("one two three\x17\x17\x19\r", "one two three"); /* two removals are one */
  TYPED("ab\x14\r", "ba");
  TYPED("ab\x1b[D\x1b[3~c\r", "ac");
  TYPED("\xc3\xa9\xe6\xbc\xa2\x7f\x7fx\r", "x");
  TYPED("abc\x15"
        "d\x1f\r",
        "");
  TYPED("{\r1\r}\r", "{\n1\n}");
  TYPED("{\r1\r}\x1b[Ax\r2\x1b[B\x1b[B\r", "{\n1x\n2\n}");
  TYPED("a\x1b\rb\r", "a\nb");
  TYPED("\x1b[A\r", "second entry");
  TYPED("\x1b[A\x1b[A\r", "first entry");
  TYPED("f\x1b[A\r", "first entry");
  TYPED("\x12ir\r", "first entry");
  TYPED("\x12"
        "entry\x12\r",
        "first entry");
  TYPED("old\x12zzz\x07\r", "old");
  TYPED("xq\t\r", "xquestion");
  TYPED("x\\a\t\r", "x\xce\xb1");
  TYPED("a\x1b[200~b\nc\x1b[201~d\r", "ab\ncd");
  TYPED("\xc3(\xff\x80ok\r", "(ok"); /* invalid bytes are no text */
  TYPED("\x1b[1;5Z\x1b[99~\x1bOPok\r", "ok");
  typed("abc\x03", 4, LIMN_LINE_INTERRUPTED, "");
  typed("\x04", 1, LIMN_LINE_END, "");
  typed("abc", 3, LIMN_LINE_END, ""); /* the end of input */
}

Test(line, a_long_paste_is_run_at_once) {
  char keys[1024] = "x(\x1b[200~", expected[1024] = "x(";
  for (int i = 0; i < 30; i++) {
    strcat(keys, "line\n");
    strcat(expected, i < 29 ? "line\n" : "line");
  }
  strcat(keys, "\x1b[201~");
  typed(keys, strlen(keys), LIMN_LINE_TEXT, expected);
}

/* Random bytes, with the keys and sequences that mean something among them: the editor comes to the
 * end of its input. (With AddressSanitizer, reading and writing stay within its memory.) */
Test(line, random_bytes) {
  static const char *const parts[] = {"\x1b[A",
                                      "\x1b[B",
                                      "\x1b[C",
                                      "\x1b[D",
                                      "\x1b[200~",
                                      "\x1b[201~",
                                      "\x1b"
                                      "b",
                                      "\x1b"
                                      "d",
                                      "\x12",
                                      "\x19",
                                      "\x1f",
                                      "\x0b",
                                      "\t",
                                      "{",
                                      "}",
                                      "\xe6\xbc\xa2",
                                      "\xcc\x81",
                                      "\r",
                                      "\x1b\r",
                                      "end",
                                      "\x17",
                                      "\x14"};
  uint64_t state = 88172645463325252u;
  signal(SIGPIPE, SIG_IGN);
  for (int trial = 0; trial < 400; trial++) {
    char keys[2048];
    size_t n = 0;
    while (n + 16 < sizeof keys) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      if (state % 3 == 0) {
        keys[n++] = (char)(state >> 40);
        if (keys[n - 1] == 26) keys[n - 1] = 'z'; /* Ctrl-Z would stop the tests */
      } else {
        const char *part = parts[(state >> 33) % (sizeof parts / sizeof *parts)];
        memcpy(keys + n, part, strlen(part));
        n += strlen(part);
      }
    }
    int in;
    const char *text;
    limn_line *e = opened(&in);
    limn_line_remember(e, "an\nentry {");
    cr_assert_eq(write(in, keys, n), (ssize_t)n);
    close(in);
    limn_line_outcome outcome;
    int texts = 0;
    do {
      outcome = limn_line_read(e, "\033[1m> \033[0m", ". ", &text);
      cr_assert(strlen(text) < LIMN_LINE_BYTES);
      if (outcome == LIMN_LINE_TEXT && *text) limn_line_remember(e, text);
    } while (++texts < 3000 && outcome != LIMN_LINE_END);
    cr_assert(texts < 3000);
    limn_line_close(e);
  }
}
