/* search.c: binary search, interpolation, distinct values, histograms; contracts in
 * limn/array_search.h. */
#include "limn/array_search.h"

#include <math.h>
#include <string.h>

/* Whether a comes before b; NaN is larger than all numbers and equal to itself. */
static bool before(double a, double b) {
  return a < b || (a == a && b != b);
}

size_t limn_search_sorted(const double *sorted, size_t n, double x, bool after) {
  size_t low = 0, high = n;
  while (low < high) {
    size_t mid = low + (high - low) / 2;
    if (after ? !before(x, sorted[mid]) : before(sorted[mid], x))
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

size_t limn_unsorted_at(const double *x, size_t n, bool strict) {
  for (size_t i = 0; i < n; i++)
    if (x[i] != x[i] || (i > 0 && (strict ? x[i] <= x[i - 1] : x[i] < x[i - 1]))) return i;
  return n;
}

void limn_interpolate(double *out, const double *x, size_t n, const double *at,
                      const double *values, size_t m, double left, double right) {
  for (size_t i = 0; i < n; i++) {
    if (x[i] != x[i]) {
      out[i] = x[i];
      continue;
    }
    size_t k = limn_search_sorted(at, m, x[i], true); /* at[k - 1] <= x < at[k] */
    if (k == 0) {
      out[i] = left;
    } else if (k == m) {
      out[i] = x[i] == at[m - 1] ? values[m - 1] : right;
    } else if (x[i] == at[k - 1]) {
      out[i] = values[k - 1];
    } else {
      double slope = (values[k] - values[k - 1]) / (at[k] - at[k - 1]);
      out[i] = slope * (x[i] - at[k - 1]) + values[k - 1];
    }
  }
}

size_t limn_distinct(double *values, double *counts, double *inverse, const double *x,
                     const double *order, size_t n) {
  size_t found = 0;
  for (size_t i = 0; i < n; i++) {
    double v = x[(size_t)order[i]];
    bool same = found > 0 && !before(values[found - 1], v);
    if (!same) {
      values[found] = v;
      if (counts) counts[found] = 0;
      found++;
    }
    if (counts) counts[found - 1]++;
    if (inverse) inverse[(size_t)order[i]] = (double)(found - 1);
  }
  return found;
}

void limn_bin_edges(double *edges, size_t bins, double low, double high) {
  for (size_t k = 0; k <= bins; k++) {
    double t = (double)k / (double)bins;
    edges[k] = k == bins ? high : low * (1 - t) + high * t;
  }
  edges[0] = low;
}

void limn_histogram(double *counts, const double *edges, size_t bins, const double *x,
                    const double *weights, size_t n) {
  double low = edges[0], high = edges[bins], scale = (double)bins / (high - low);
  memset(counts, 0, bins * sizeof *counts);
  for (size_t i = 0; i < n; i++) {
    if (!(x[i] >= low && x[i] <= high)) continue;
    double guess = (x[i] - low) * scale; /* right for equal bins, up to rounding */
    size_t k = guess < (double)bins ? (size_t)guess : bins - 1;
    if (!(edges[k] <= x[i] && x[i] < edges[k + 1])) {
      k = limn_search_sorted(edges, bins + 1, x[i], true);
      k = k > bins ? bins - 1 : k - 1;
    }
    counts[k] += weights ? weights[i] : 1;
  }
}
