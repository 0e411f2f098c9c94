/* zmq.c: limn.native.zmq: the message sockets of the Jupyter kernel, through libzmq, and the
 * signature of its messages.
 *
 * libzmq is optional: open() loads it, so limn builds and starts without it. The declarations below
 * are its stable interface (libzmq.so.5, ZeroMQ 4). Only wait() blocks. */
#include "bind/bind.h"
#include "core/sha256.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define CONTEXT "limn.zmq"
#define SOCKET "limn.zmq.socket"

enum { PUB = 1, REP = 4, ROUTER = 6 };
enum { LINGER = 17, MAXMSGSIZE = 22, SNDHWM = 23 }; /* options */
enum { DONTWAIT = 1, SNDMORE = 2, POLLIN_ZMQ = 1 };
enum { LINGER_MS = 1000, WAITED_MOST = 32 };

typedef struct message {
  _Alignas(void *) unsigned char bytes[64];
} message;

typedef struct pollitem {
  void *socket;
  int fd;
  short events, revents;
} pollitem;

static struct {
  void *(*ctx_new)(void);
  int (*ctx_term)(void *);
  void *(*socket)(void *, int);
  int (*close)(void *);
  int (*setsockopt)(void *, int, const void *, size_t);
  int (*bind)(void *, const char *);
  int (*send)(void *, const void *, size_t, int);
  int (*msg_init)(message *);
  int (*msg_recv)(message *, void *, int);
  void *(*msg_data)(message *);
  size_t (*msg_size)(const message *);
  int (*msg_more)(const message *);
  int (*msg_close)(message *);
  int (*poll)(pollitem *, int, long);
  int (*error)(void);
  const char *(*strerror)(int);
} zmq;

typedef struct holder {
  void *it; /* NULL: closed */
} holder;

/* Loads libzmq once per process. Returns NULL, or why it cannot be used. */
static const char *load(void) {
  static const struct {
    const char *name;
    void *slot;
  } wanted[] = {
      {"zmq_ctx_new", &zmq.ctx_new},
      {"zmq_ctx_term", &zmq.ctx_term},
      {"zmq_socket", &zmq.socket},
      {"zmq_close", &zmq.close},
      {"zmq_setsockopt", &zmq.setsockopt},
      {"zmq_bind", &zmq.bind},
      {"zmq_send", &zmq.send},
      {"zmq_msg_init", &zmq.msg_init},
      {"zmq_msg_recv", &zmq.msg_recv},
      {"zmq_msg_data", &zmq.msg_data},
      {"zmq_msg_size", &zmq.msg_size},
      {"zmq_msg_more", &zmq.msg_more},
      {"zmq_msg_close", &zmq.msg_close},
      {"zmq_poll", &zmq.poll},
      {"zmq_errno", &zmq.error},
      {"zmq_strerror", &zmq.strerror},
  };
  static bool loaded;
  if (loaded) return NULL;
  void *library = dlopen("libzmq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    void *found = dlsym(library, wanted[i].name);
    if (!found) return dlerror();
    memcpy(wanted[i].slot, &found, sizeof found);
  }
  loaded = true;
  return NULL;
}

static int failure(lua_State *L) {
  lua_pushnil(L);
  lua_pushstring(L, zmq.strerror(zmq.error()));
  return 2;
}

static void *open_socket(lua_State *L, int idx) {
  holder *h = luaL_checkudata(L, idx, SOCKET);
  if (!h->it) bind_error(L, "zmq: the socket is closed");
  return h->it;
}

/* open() -> context; or nil, why libzmq cannot be used */
static int l_open(lua_State *L) {
  const char *why = load();
  if (why) {
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
  }
  holder *h = lua_newuserdatauv(L, sizeof *h, 0);
  h->it = NULL;
  luaL_setmetatable(L, CONTEXT);
  h->it = zmq.ctx_new();
  return h->it ? 1 : failure(L);
}

/* Blocks until every socket is closed and has sent its queue, at most LINGER_MS. */
static int l_context_gc(lua_State *L) {
  holder *h = luaL_checkudata(L, 1, CONTEXT);
  if (h->it) zmq.ctx_term(h->it);
  h->it = NULL;
  return 0;
}

/* context:socket("router"|"pub"|"rep", most) -> socket that takes messages of at most `most`
 * bytes; or nil, why */
static int l_context_socket(lua_State *L) {
  static const char *const names[] = {"router", "pub", "rep", NULL};
  static const int types[] = {ROUTER, PUB, REP};
  holder *context = luaL_checkudata(L, 1, CONTEXT);
  int type = types[luaL_checkoption(L, 2, NULL, names)];
  int64_t most = bind_checkint(L, 3, "zmq.socket", "most", 1, LUA_MAXINTEGER);
  holder *h = lua_newuserdatauv(L, sizeof *h, 1);
  h->it = NULL;
  luaL_setmetatable(L, SOCKET);
  lua_pushvalue(L, 1); /* the context must outlive its sockets */
  lua_setiuservalue(L, -2, 1);
  h->it = zmq.socket(context->it, type);
  if (!h->it) return failure(L);
  int linger = LINGER_MS, unlimited = 0;
  zmq.setsockopt(h->it, LINGER, &linger, sizeof linger);
  zmq.setsockopt(h->it, SNDHWM, &unlimited,
                 sizeof unlimited); /* no message is dropped for a slow reader */
  zmq.setsockopt(h->it, MAXMSGSIZE, &most, sizeof most);
  return 1;
}

static int l_socket_close(lua_State *L) {
  holder *h = luaL_checkudata(L, 1, SOCKET);
  if (h->it) zmq.close(h->it);
  h->it = NULL;
  return 0;
}

/* socket:bind(address) -> true; or nil, why */
static int l_socket_bind(lua_State *L) {
  if (zmq.bind(open_socket(L, 1), luaL_checkstring(L, 2)) != 0) return failure(L);
  lua_pushboolean(L, 1);
  return 1;
}

/* socket:send{part, ...} -> true; or nil, why (a disconnected peer is no failure) */
static int l_socket_send(lua_State *L) {
  void *s = open_socket(L, 1);
  lua_Integer n = luaL_len(L, 2);
  for (lua_Integer i = 1; i <= n; i++) {
    size_t size;
    lua_geti(L, 2, i);
    const char *part = luaL_checklstring(L, -1, &size);
    if (zmq.send(s, part, size, DONTWAIT | (i < n ? SNDMORE : 0)) < 0) return failure(L);
    lua_pop(L, 1);
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* socket:receive() -> {part, ...}, or nil when there is none */
static int l_socket_receive(lua_State *L) {
  void *s = open_socket(L, 1);
  lua_newtable(L);
  for (lua_Integer i = 1;; i++) {
    message m;
    zmq.msg_init(&m);
    if (zmq.msg_recv(&m, s, DONTWAIT) < 0) {
      zmq.msg_close(&m);
      return lua_pushnil(L), 1;
    }
    /* If this allocation fails, the error leaks this one part; Lua offers no way to avoid that. */
    lua_pushlstring(L, zmq.msg_data(&m), zmq.msg_size(&m));
    bool more = zmq.msg_more(&m) != 0;
    zmq.msg_close(&m);
    lua_rawseti(L, -2, i);
    if (!more) return 1;
  }
}

/* wait({socket or file descriptor, ...}, seconds) -> {[socket or descriptor] = true, ...}: those
 * that can be read or whose peer has disconnected; empty on time-out or signal */
static int l_wait(lua_State *L) {
  pollitem items[WAITED_MOST];
  lua_Integer n = luaL_len(L, 1);
  double seconds = bind_checkfinite(L, 2, "zmq.wait", "seconds");
  if (n > WAITED_MOST)
    return bind_error(L, "zmq.wait: expected at most %d sockets and descriptors", WAITED_MOST);
  for (int i = 0; i < n; i++) {
    items[i] = (pollitem){.fd = -1, .events = POLLIN_ZMQ};
    lua_geti(L, 1, i + 1);
    if (lua_isinteger(L, -1))
      items[i].fd = (int)lua_tointeger(L, -1);
    else
      items[i].socket = open_socket(L, lua_gettop(L));
    lua_pop(L, 1);
  }
  if (zmq.poll(items, (int)n, (long)(seconds * 1000 + 0.999)) < 0 && zmq.error() != EINTR)
    return bind_error(L, "zmq.wait: %s", zmq.strerror(zmq.error()));
  lua_newtable(L);
  for (int i = 0; i < n; i++) {
    if (!items[i].revents) continue;
    lua_geti(L, 1, i + 1);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
  }
  return 1;
}

/* sign(key, part, ...) -> HMAC-SHA-256 of the concatenated parts, as hexadecimal digits */
static int l_sign(lua_State *L) {
  size_t size;
  uint8_t digest[LIMN_SHA256_SIZE];
  char text[2 * LIMN_SHA256_SIZE + 1];
  limn_hmac m;
  const char *key = luaL_checklstring(L, 1, &size);
  limn_hmac_begin(&m, key, size);
  for (int i = 2; i <= lua_gettop(L); i++) {
    const char *part = luaL_checklstring(L, i, &size);
    limn_hmac_add(&m, part, size);
  }
  limn_hmac_end(&m, digest);
  for (size_t i = 0; i < LIMN_SHA256_SIZE; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
  lua_pushlstring(L, text, sizeof text - 1);
  return 1;
}

int l_open_zmq(lua_State *L) {
  static const luaL_Reg context_methods[] = {{"socket", l_context_socket}, {NULL, NULL}};
  static const luaL_Reg context_meta[] = {{"__gc", l_context_gc}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"bind", l_socket_bind},
                                     {"send", l_socket_send},
                                     {"receive", l_socket_receive},
                                     {"close", l_socket_close},
                                     {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_socket_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"open", l_open}, {"wait", l_wait}, {"sign", l_sign}, {NULL, NULL}};
  bind_class(L, CONTEXT, context_methods, context_meta);
  bind_class(L, SOCKET, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
