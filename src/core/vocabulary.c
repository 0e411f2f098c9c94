/* vocabulary.c: names and help texts of the enumerators in limn/vocabulary.h. */
#include "limn/vocabulary.h"

#include <stdbool.h>
#include <string.h>

typedef struct word {
  const char *name, *help;
} word;

/* One entry per value; values that the vocabulary omits have no name. */
#define WORD(id, name, help) {name, help},
#define GAP(id, name, help) {NULL, NULL},
#define ALL_ROWS(id, name, table) static const word words_of_##id[] = {table(WORD)};
#define SOME_ROWS(id, name, table) static const word words_of_##id[] = {table(WORD, GAP)};
LIMN_VOCABULARIES(ALL_ROWS, SOME_ROWS)

#define VOCABULARY(id, name, table)                                                                \
  {name, words_of_##id, (int)(sizeof words_of_##id / sizeof(word))},

static const struct {
  const char *name;
  const word *words;
  int values;
} vocabularies[] = {LIMN_VOCABULARIES(VOCABULARY, VOCABULARY)};

enum { VOCABULARIES = (int)(sizeof vocabularies / sizeof *vocabularies) };

const char *limn_vocabulary_name(limn_vocabulary v) {
  return (unsigned)v < VOCABULARIES ? vocabularies[v].name : NULL;
}

int limn_vocabulary_values(limn_vocabulary v) {
  return (unsigned)v < VOCABULARIES ? vocabularies[v].values : 0;
}

static word word_of(limn_vocabulary v, int value) {
  bool known = value >= 0 && value < limn_vocabulary_values(v);
  return known ? vocabularies[v].words[value] : (word){NULL, NULL};
}

const char *limn_word_name(limn_vocabulary v, int value) {
  return word_of(v, value).name;
}

const char *limn_word_help(limn_vocabulary v, int value) {
  return word_of(v, value).help;
}

int limn_word_value(limn_vocabulary v, const char *name) {
  for (int i = 0; i < limn_vocabulary_values(v); i++) {
    const char *known = limn_word_name(v, i);
    if (known && strcmp(known, name) == 0) return i;
  }
  return -1;
}
