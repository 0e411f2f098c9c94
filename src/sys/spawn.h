/* spawn.h: running another program without a shell.
 *
 * A child gets an argument vector, /dev/null as its input, nameless temporary files as its outputs
 * (so the parent can meet neither SIGPIPE nor a full pipe), the environment that it is given, the
 * default action for the signals that stop programs, and a process group of its own, so that what
 * it starts can be ended with it. */
#ifndef LIMN_SPAWN_H
#define LIMN_SPAWN_H

#include <stddef.h>
#include <sys/types.h>
#include "limn/token.h"

typedef struct limn_child {
  pid_t pid;    /* 0: not running */
  int out, err; /* its captured outputs; -1: closed */
} limn_child;

/* What a limn_child is before limn_child_outputs. */
#define LIMN_CHILD_NONE ((limn_child){0, -1, -1})

typedef enum limn_child_end {
  LIMN_CHILD_EXITED,    /* *code is the exit status */
  LIMN_CHILD_SIGNALLED, /* *code is the signal that ended it */
  LIMN_CHILD_LATE,      /* it still runs, and its time is up */
  LIMN_CHILD_CANCELLED, /* it still runs, and the token asks for a stop */
  LIMN_CHILD_LOST /* it ended, and somebody else has its status: SIGCHLD is ignored, or another
                     part of the program waits for every child */
} limn_child_end;

/* Opens the files that the outputs go to. 0, or an errno. */
int limn_child_outputs(limn_child *c);

/* Starts the program argv[0], looked for in PATH, in the folder dir (NULL: this one). 0, or an
 * errno (ENOENT: there is no such program or folder): nothing runs then. */
int limn_child_start(limn_child *c, char *const argv[], char *const env[], const char *dir);

/* Limits the processor time of the child that was just started, in seconds, rounded up; past it the
 * system ends it with SIGXCPU. A loaded machine makes a program slow, but not its processor time.
 */
void limn_child_limit(const limn_child *c, double cpu_seconds);

/* Waits until the child ends, `seconds` have passed, or the token (which may be NULL) asks for a
 * stop. Unless that says that it still runs, c->pid is 0 afterwards. */
limn_child_end limn_child_wait(limn_child *c, double seconds, const limn_token *token, int *code);

/* Kills the child, and what it started, if it still runs, and collects it. */
void limn_child_kill(limn_child *c);

/* Kills it, closes its outputs; nothing to do a second time. */
void limn_child_close(limn_child *c);

/* How many bytes an output (c->out or c->err) holds, and the first of them: at most `most`; returns
 * how many were read. */
size_t limn_child_size(int output);
size_t limn_child_read(int output, char *into, size_t most);

/* This process's environment without the names that `changes` mentions, plus those that have a
 * value: each of its strings is "NAME" or "NAME=value", and NULL ends it. `out` has room for
 * limn_environment_room(changes) pointers, to strings of the environment and of `changes`. */
size_t limn_environment_room(char *const changes[]);
void limn_environment(char **out, char *const changes[]);

#endif
