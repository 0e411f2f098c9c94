/* core.h: functions shared by the files of this folder. Not installed. */
#ifndef LIMN_MAPS_CORE_H
#define LIMN_MAPS_CORE_H

#include <stdint.h>
#include "limn/maps.h"

/* The columns of limn_maps_shape that need no allocation, for one map. */
void limn_maps_geometry(double *row, const double *map, const limn_maps_grid *g);

/* The number of 64-bit words for n signs; and the signs themselves, unused bits 0. */
static inline size_t limn_maps_words(size_t n) {
  return (n + 63) / 64;
}

static inline void limn_maps_pack(uint64_t *words, const double *values, size_t n) {
  for (size_t w = 0; w < limn_maps_words(n); w++) {
    uint64_t bits = 0;
    for (size_t k = 64 * w; k < n && k < 64 * w + 64; k++)
      bits |= (uint64_t)(values[k] > 0) << (k - 64 * w);
    words[w] = bits;
  }
}

#endif
