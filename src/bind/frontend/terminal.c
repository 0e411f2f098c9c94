/* terminal.c: properties of the terminal in which limn.plot draws: its size, and its answers to
 * queries. Output goes through Lua's io. */
#include "bind/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* size() -> columns, rows, width and height in pixels of the terminal on standard output; no values
 * if it is no terminal. Unknown sizes are 0. */
static int l_size(lua_State *L) {
  struct winsize w;
  if (!isatty(STDOUT_FILENO)) return 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0) memset(&w, 0, sizeof w);
  lua_pushinteger(L, w.ws_col);
  lua_pushinteger(L, w.ws_row);
  lua_pushinteger(L, w.ws_xpixel);
  lua_pushinteger(L, w.ws_ypixel);
  return 4;
}

/* ask(query, final, milliseconds) -> the answer of the terminal up to the character `final`, or
 * nil. The terminal is in raw mode only during the call; keys typed meanwhile may be lost. A
 * background job gets nil: access to the terminal would stop it. */
static int l_ask(lua_State *L) {
  size_t length;
  const char *question = luaL_checklstring(L, 1, &length), *final = luaL_checkstring(L, 2);
  int wait = (int)bind_checkint(L, 3, "terminal.ask", "milliseconds", 1, 5000);
  char answer[256];
  size_t have = 0;
  bool complete = false;
  int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  struct termios before, raw;
  if (tty >= 0 && tcgetpgrp(tty) == getpgrp() && tcgetattr(tty, &before) == 0) {
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(tty, TCSANOW, &raw) == 0) {
      if (write(tty, question, length) == (ssize_t)length) {
        while (have < sizeof answer && !complete) {
          struct pollfd p = {.fd = tty, .events = POLLIN};
          if (poll(&p, 1, wait) <= 0 || read(tty, answer + have, 1) != 1) break;
          complete = answer[have++] == final[0];
        }
      }
      tcsetattr(tty, TCSANOW, &before);
    }
  }
  if (tty >= 0) close(tty);
  if (!complete) return 0;
  lua_pushlstring(L, answer, have);
  return 1;
}

int l_open_terminal(lua_State *L) {
  static const luaL_Reg functions[] = {{"size", l_size}, {"ask", l_ask}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
