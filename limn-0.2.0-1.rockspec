package = "limn"
version = "0.2.0-1"
source = {url = "limn-0.2.0.tar.gz", dir = "limn-0.2.0"} -- `make dist` writes it
description = {
  summary = "Workbench for the statistics of ensemble priors",
  detailed = "Arrays, random streams, features, minimum-norm rules, nets, kernels, sweeps and plots for Lua 5.4.",
  license = "MIT",
}
supported_platforms = {"linux"}
dependencies = {"lua >= 5.4, < 5.5"}
build = {
  type = "make",
  build_target = "build/release/limn.so",
  install_target = "install-lua",
  install_variables = {LUADIR = "$(LUADIR)", LUA_LIBDIR = "$(LIBDIR)"},
}
