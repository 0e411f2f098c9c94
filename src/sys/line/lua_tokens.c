/* lua_tokens.c: one pass over the code; unfinished tokens reach to its end. */
#include "sys/line/lua_tokens.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The keywords, those that open and those that close a block first. */
static const char *const keywords[] = {"function", "do",     "then", "repeat", "end",   "until",
                                       "else",     "elseif", "and",  "break",  "false", "for",
                                       "goto",     "if",     "in",   "local",  "nil",   "not",
                                       "or",       "return", "true", "while"};
enum { OPENING = 4, CLOSING = 8 };

static bool is_name(char c) {
  return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static int keyword(const char *text, size_t n) {
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
    if (strlen(keywords[i]) == n && memcmp(keywords[i], text, n) == 0) return (int)i;
  return -1;
}

/* The end of a long bracket that begins at `at`: [[ ... ]] or [==[ ... ]==]; `at` if none does. */
static size_t long_end(const char *text, size_t n, size_t at, bool *open) {
  size_t level = 0;
  if (at >= n || text[at] != '[') return at;
  while (at + 1 + level < n && text[at + 1 + level] == '=') level++;
  if (at + 1 + level >= n || text[at + 1 + level] != '[') return at;
  for (size_t i = at + 2 + level; i < n; i++) {
    if (text[i] != ']') continue;
    size_t same = 0;
    while (i + 1 + same < n && same < level && text[i + 1 + same] == '=') same++;
    if (same == level && i + 1 + level < n && text[i + 1 + level] == ']') return i + 2 + level;
  }
  *open = true;
  return n;
}

static size_t quoted_end(const char *text, size_t n, size_t at) {
  char quote = text[at++];
  while (at < n && text[at] != quote && text[at] != '\n') {
    if (text[at] == '\\') at++;
    at++;
  }
  if (at > n) at = n;
  return at < n && text[at] == quote ? at + 1 : at;
}

static size_t line_end(const char *text, size_t n, size_t at) {
  const char *end = memchr(text + at, '\n', n - at);
  return end ? (size_t)(end - text) : n;
}

/* The kind and the end of the token at `at`; open: it has several lines and is unfinished. */
static limn_token token_at(const char *text, size_t n, size_t at, size_t *end, bool *open) {
  char c = text[at];
  *open = false;
  *end = at + 1;
  if (c == '-' && at + 1 < n && text[at + 1] == '-') {
    *end = long_end(text, n, at + 2, open);
    if (*end == at + 2) *end = line_end(text, n, at);
    return LIMN_TOKEN_COMMENT;
  }
  if (c == '[') {
    *end = long_end(text, n, at, open);
    if (*end > at) return LIMN_TOKEN_STRING;
    *end = at + 1;
  }
  if (c == '"' || c == '\'') {
    *end = quoted_end(text, n, at);
    return LIMN_TOKEN_STRING;
  }
  if (isdigit((unsigned char)c)) {
    while (*end < n && (is_name(text[*end]) || (text[*end] == '.' && text[*end - 1] != '.')))
      ++*end;
    return LIMN_TOKEN_NUMBER;
  }
  if (is_name(c)) {
    while (*end < n && is_name(text[*end])) ++*end;
    return keyword(text + at, *end - at) >= 0 ? LIMN_TOKEN_KEYWORD : LIMN_TOKEN_PLAIN;
  }
  return c && strchr("()[]{}", c) ? LIMN_TOKEN_BRACKET : LIMN_TOKEN_PLAIN;
}

void limn_lua_tokens(const char *text, size_t n, unsigned char *kinds) {
  size_t end;
  bool open;
  for (size_t at = 0; at < n; at = end) {
    limn_token kind = token_at(text, n, at, &end, &open);
    memset(kinds + at, (int)kind, end - at);
  }
}

void limn_lua_match(const char *text, size_t n, size_t cursor, unsigned char *kinds) {
  static const char opening[] = "([{", closing[] = ")]}";
  size_t at = cursor;
  if (at >= n || kinds[at] != LIMN_TOKEN_BRACKET) {
    if (at == 0 || at > n || kinds[at - 1] != LIMN_TOKEN_BRACKET) return;
    at--;
  }
  bool forward = strchr(opening, text[at]) != NULL;
  const char *own = forward ? opening : closing, *other = forward ? closing : opening;
  int depth = 0;
  for (size_t i = at; i < n; i = forward ? i + 1 : i - 1) { /* below 0 it wraps above n */
    if (kinds[i] != LIMN_TOKEN_BRACKET) continue;
    depth += strchr(own, text[i]) ? 1 : -1;
    if (depth != 0) continue;
    bool pair = strchr(other, text[i]) - other == strchr(own, text[at]) - own;
    kinds[at] = kinds[i] = pair ? LIMN_TOKEN_MATCH : LIMN_TOKEN_NO_MATCH;
    return;
  }
  if (!forward) kinds[at] = LIMN_TOKEN_NO_MATCH;
}

/* What a token adds to the nesting: `else` and `elseif` close a block; `else` opens one too, while
 * that of `elseif` opens at its `then`. */
static int nesting(const char *text, size_t at, size_t end, limn_token kind, bool *closes) {
  int which = kind == LIMN_TOKEN_KEYWORD ? keyword(text + at, end - at) : -1;
  *closes = (which >= OPENING && which < CLOSING) ||
            (kind == LIMN_TOKEN_BRACKET && strchr(")]}", text[at]) != NULL);
  if (*closes) return -1;
  return (which >= 0 && which < OPENING) || kind == LIMN_TOKEN_BRACKET ? 1 : 0;
}

int limn_lua_depth(const char *text, size_t n) {
  int depth = 0;
  size_t end, begin = n;
  bool open = false, closes;
  while (begin > 0 && text[begin - 1] != '\n') begin--;
  for (size_t at = 0; at < n; at = end) {
    limn_token kind = token_at(text, n, at, &end, &open);
    if (at < begin && end > begin) return -1; /* the last line begins inside of the token */
    if (at >= begin && kind == LIMN_TOKEN_PLAIN && isspace((unsigned char)text[at])) continue;
    int change = nesting(text, at, end, kind, &closes);
    if (at >= begin && !closes) return depth < 0 ? 0 : depth;
    depth += change;
    if (at >= begin) return depth < 0 ? 0 : depth;
    if (kind == LIMN_TOKEN_KEYWORD && end - at == 4 && memcmp(text + at, "else", 4) == 0) depth++;
  }
  if (open) return -1;
  return depth < 0 ? 0 : depth;
}
