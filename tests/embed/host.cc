// host.cc: the C API and a scripting host from C++17.
#include <limn/host.h>
#include <limn/limn.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <lua.hpp>

struct free_features {
  void operator()(limn_features *f) const { limn_features_free(f); }
};

int main() {
  limn_err err;
  std::vector<double> x{1, 2, 3, 4, 5, 6}, y{1, -1};
  limn_features *raw = nullptr;
  if (limn_features_from(&raw, x.data(), 2, 3, y.data(), nullptr, 0, &err) != LIMN_OK) return 1;
  std::unique_ptr<limn_features, free_features> f(raw);
  limn_design design = limn_design_set(f.get());
  limn_fit fit;
  std::vector<double> w(3);
  if (limn_regress_minnorm(&fit, w.data(), nullptr, &design, y.data(), nullptr, &err) != LIMN_OK) return 2;
  if (!(fit.residual < 1e-12)) return 3;

  std::string output;
  limn_config c;
  limn_config_default(&c, sizeof c);
  c.folder = std::getenv("LIMN_PLACE");
  c.user = &output;
  c.output = [](void *user, const char *text, size_t size) { static_cast<std::string *>(user)->append(text, size); };
  std::unique_ptr<lua_State, void (*)(lua_State *)> L(limn_new(&c), limn_close);
  if (!L) return 4;
  if (luaL_dostring(L.get(), "print(require('limn').array{1, 2}:sum())") != LUA_OK) return 5;
  return output == "3.0\n" ? 0 : 6;
}
