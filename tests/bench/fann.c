/* fann.c IN HIDDEN OUT POINTS EPOCHS: batch training of one net of tanh units with FANN; prints the
 * seconds of an epoch. */
#include <fann.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  unsigned in = (unsigned)atoi(argv[1]), out = (unsigned)atoi(argv[3]),
           points = (unsigned)atoi(argv[4]);
  int epochs = atoi(argv[5]);
  struct fann *net = fann_create_standard(3, in, (unsigned)atoi(argv[2]), out);
  struct fann_train_data *data = fann_create_train(points, in, out);
  if (!net || !data) return 1;
  for (unsigned p = 0; p < points; p++) {
    for (unsigned i = 0; i < in; i++)
      data->input[p][i] = (fann_type)(2.0 * rand() / (double)RAND_MAX - 1);
    for (unsigned o = 0; o < out; o++) data->output[p][o] = p % 2 ? 1 : -1;
  }
  fann_set_activation_function_hidden(net, FANN_SIGMOID_SYMMETRIC);
  fann_set_activation_function_output(net, FANN_LINEAR);
  fann_set_training_algorithm(net, FANN_TRAIN_BATCH);
  fann_set_learning_rate(net, 1e-3f);
  fann_train_epoch(net, data);
  double t = now();
  for (int k = 0; k < epochs; k++) fann_train_epoch(net, data);
  printf("seconds %.9g\n", (now() - t) / epochs);
  fann_destroy_train(data);
  fann_destroy(net);
  return 0;
}
