/* spawn.h: runs another program without a shell.
 *
 * A child gets an argument vector, /dev/null as input, unnamed temporary files as outputs (so the
 * parent can get neither SIGPIPE nor a full pipe), the given environment, default actions for the
 * signals that end programs, and a process group of its own, so that its descendants can be killed
 * with it. */
#ifndef LIMN_SPAWN_H
#define LIMN_SPAWN_H

#include <stddef.h>
#include <sys/types.h>
#include "limn/token.h"

typedef struct limn_child {
  pid_t pid;    /* 0: not running */
  int out, err; /* files with its outputs; -1: closed */
} limn_child;

/* A limn_child before limn_child_outputs. */
#define LIMN_CHILD_NONE ((limn_child){0, -1, -1})

typedef enum limn_child_end {
  LIMN_CHILD_EXITED,    /* *code is the exit status */
  LIMN_CHILD_SIGNALLED, /* *code is the signal that ended it */
  LIMN_CHILD_LATE,      /* still running; the time limit is reached */
  LIMN_CHILD_CANCELLED, /* still running; the token is cancelled */
  LIMN_CHILD_LOST /* ended, but its status is unavailable: SIGCHLD is ignored, or another part of
                     the program waits for all children */
} limn_child_end;

/* Opens the files for the outputs. Returns 0 or an errno. */
int limn_child_outputs(limn_child *c);

/* Starts the program argv[0], searched in PATH, in the folder dir (NULL: the current one). Returns
 * 0, or an errno (ENOENT: no such program or folder); then no process runs. */
int limn_child_start(limn_child *c, char *const argv[], char *const env[], const char *dir);

/* Limits the processor time of a started child, in seconds, rounded up; beyond it the system ends
 * the child with SIGXCPU. Unlike wall time it does not depend on the load of the machine. */
void limn_child_limit(const limn_child *c, double cpu_seconds);

/* Waits until the child ends, `seconds` have passed or the token (may be NULL) is cancelled. Sets
 * c->pid to 0 unless the result is that the child is still running. */
limn_child_end limn_child_wait(limn_child *c, double seconds, const limn_token *token, int *code);

/* Kills the child and its descendants if it is running, and reaps it. */
void limn_child_kill(limn_child *c);

/* Kills the child and closes its outputs; idempotent. */
void limn_child_close(limn_child *c);

/* The size in bytes of an output (c->out or c->err); and its first bytes, at most `most`: returns
 * the number read. */
size_t limn_child_size(int output);
size_t limn_child_read(int output, char *into, size_t most);

/* The environment of this process with changes. Each string of `changes` is "NAME" (remove) or
 * "NAME=value" (set); NULL ends it. `out` has room for limn_environment_room(changes) pointers,
 * which refer to strings of the environment and of `changes`. */
size_t limn_environment_room(char *const changes[]);
void limn_environment(char **out, char *const changes[]);

#endif
