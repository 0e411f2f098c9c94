/* lua_tokens.h: the tokens of Lua code that is being typed: what they are for their colours, the
 * nesting of blocks for the indentation, and matching brackets. */
#ifndef LIMN_LINE_LUA_TOKENS_H
#define LIMN_LINE_LUA_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum limn_token {
  LIMN_TOKEN_PLAIN,
  LIMN_TOKEN_KEYWORD,
  LIMN_TOKEN_STRING,
  LIMN_TOKEN_COMMENT,
  LIMN_TOKEN_NUMBER,
  LIMN_TOKEN_BRACKET,
  LIMN_TOKEN_MATCH,   /* a bracket at the cursor, and its partner */
  LIMN_TOKEN_NO_MATCH /* a bracket at the cursor that closes nothing, or closes another kind */
} limn_token;

/* Writes the kind of each of the n bytes of text to kinds. */
void limn_lua_tokens(const char *text, size_t n, unsigned char *kinds);

/* Marks the bracket at or before the cursor and its partner in kinds. */
void limn_lua_match(const char *text, size_t n, size_t cursor, unsigned char *kinds);

/* Blocks and brackets that are open after the first n bytes of text, and at the begin of their last
 * line without those that the last line begins to close. -1: the end is inside of a string or a
 * comment of several lines. */
int limn_lua_depth(const char *text, size_t n);

#endif
