/* sessions.h: ends processes together with all programs that they started. The unit is the session
 * (setsid(2)): a program stays in it whatever its process group and whatever became of its parent.
 */
#ifndef LIMN_SESSIONS_H
#define LIMN_SESSIONS_H

#include <stddef.h>
#include <sys/types.h>

/* Kills the processes of these sessions with SIGKILL. A leader that has ended must not have been
 * waited for, so that its number still names its session. Async-signal-safe. */
void limn_sessions_kill(const pid_t *leaders, size_t n);

/* Kills the process group of a session's leader, to which its programs belong unless they made
 * groups of their own. Cheaper than limn_sessions_kill, which reads /proc. */
void limn_session_kill_group(pid_t leader);

/* Starts a process, the guard, that lives as long as this one and kills the sessions of a list when
 * this process ends in any way. Returns the file that limn_guard_note writes to, and whose end
 * stops the guard, or -1 with errno. The guard is no child of this process. */
int limn_guard_start(void);

enum { LIMN_GUARD_MOST = 4096 }; /* sessions of one guard */

/* Adds a session to the list, or removes it. */
void limn_guard_note(int guard, pid_t leader, int add);

/* For programs in the session of this process itself: they inherit the environment variable
 * LIMN_SWEEP, which names this process, and at the end of this process or of the guard those that
 * have it are killed. limn_guard_unmark removes the variable; it comes before the guard's end. Not
 * safe while other threads read the environment. */
int limn_guard_mark(int guard);
void limn_guard_unmark(void);

#endif
