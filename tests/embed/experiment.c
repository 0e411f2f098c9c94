/* experiment.c: the main experiment in C alone: the contributions P and R of simple and random
 * features to a minimum-norm fit, and their ratio, for growing numbers of points. */
#include <limn/limn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEATURES = 4096, SIMPLE = 128, CELLS = 5, REPLICATES = 8 };

static void must(limn_status status, const limn_err *err) {
  char text[700];
  if (status == LIMN_OK) return;
  fprintf(stderr, "%s\n", limn_err_text(text, sizeof text, err, NULL, 0));
  exit(1);
}

/* P and R of one replicate. */
static void cell(double *p, double *r, uint64_t points, uint64_t replicate) {
  limn_err err;
  limn_features_spec spec;
  limn_features *f;
  limn_features_spec_default(&spec, sizeof spec);
  spec.points = points, spec.rep = replicate;
  spec.classes = 2;
  strcpy(spec.class_of[0].name, "perfect");
  spec.class_of[0].count = SIMPLE, spec.class_of[0].rho = 1;
  strcpy(spec.class_of[1].name, "random");
  spec.class_of[1].count = FEATURES - SIMPLE;
  must(limn_features_new(&f, &spec, NULL, &err), &err);

  limn_fit fit;
  limn_design x = limn_design_set(f);
  double *dual = calloc(points, sizeof *dual);
  must(limn_regress_minnorm(&fit, NULL, dual, &x, limn_features_labels(f), NULL, &err), &err);

  limn_contribution parts[2];
  must(limn_contrib_dual(parts, f, dual, false, NULL, &err), &err);
  *p = parts[0].length, *r = parts[1].length;
  free(dual);
  limn_features_free(f);
}

int main(void) {
  printf("limn %s\n", limn_version());
  for (int k = 0; k < CELLS; k++) {
    uint64_t points = (uint64_t)8 << k;
    double ratio = 0;
    for (uint64_t replicate = 0; replicate < REPLICATES; replicate++) {
      double p, r;
      cell(&p, &r, points, replicate);
      ratio += p / r / REPLICATES;
    }
    printf("D = %3u  P/R = %.4f\n", (unsigned)points, ratio);
  }
  return 0;
}
