-- limn/frontend/commands/jupyter.lua: limn jupyter install|run: limn in Jupyter notebooks.

local native = require "limn.native"
local text_of = require("limn.base.system").text_of
local json, posix = native.json, native.posix
local session, zmq = native.session, native.zmq

local usage = [[
usage: limn jupyter install [--user | --prefix P]  registers limn with Jupyter; under P: in P/share/jupyter/kernels
       limn jupyter run CONNECTION_FILE            is the kernel; Jupyter starts it

A cell's last expression is its value; figures appear in the notebook; the commands of the prompt (:help) work in
cells of one line. Needs libzmq (Debian: libzmq5).]]

local function complain(text)
  io.stderr:write("limn jupyter: ", text, "\n")
  return 1
end

local function need_zmq()
  local context, why = zmq.open()
  if context then return nil end
  return complain(("a Jupyter kernel needs libzmq: apt-get install libzmq5 (%s)"):format(why))
end

-- Jupyter's data folder of the user.
local function data_of_user()
  local own, xdg, home = os.getenv "JUPYTER_DATA_DIR", os.getenv "XDG_DATA_HOME", os.getenv "HOME"
  if own and own ~= "" then return own end
  if xdg and xdg ~= "" then return xdg .. "/jupyter" end
  if home and home ~= "" then return home .. "/.local/share/jupyter" end
end

local LOGOS = { "logo-32x32.png", "logo-64x64.png", "logo-svg.svg" } -- the names are Jupyter's
local here = debug.getinfo(1, "S").source:match "^@(.*)commands/jupyter%.lua$" or ""

-- Writes the kernel's files into the folder -> true; or nil, message
local function write_kernel(dir)
  local spec = json.encode {
    argv = { session.program(), "jupyter", "run", "{connection_file}" },
    display_name = "limn (" .. _VERSION .. ")", language = "lua", interrupt_mode = "signal",
  }
  local made, why = native.files.put(dir .. "/kernel.json", spec .. "\n")
  for _, name in ipairs(LOGOS) do
    local logo = text_of(here .. "jupyter/" .. name)
    if made and logo then made, why = native.files.put(dir .. "/" .. name, logo) end
  end
  return made, why
end

-- The program of a build folder disappears with that folder.
local function remark(program)
  return program:find "/build/%w+/limn$" and "It is the program of a build folder; after `make install`, the installed "
    .. "limn registers itself by the same command.\n" or ""
end

local actions = {}

function actions.install(how, prefix, ...)
  local data
  if (how == nil or how == "--user") and prefix == nil then
    data = data_of_user()
    if not data then return complain "HOME is not set; choose a folder with --prefix" end
  elseif how == "--prefix" and prefix and select("#", ...) == 0 then
    data = prefix .. "/share/jupyter"
  else
    io.stderr:write(usage, "\n")
    return 2
  end
  local lacking = need_zmq()
  if lacking then return lacking end
  local dir = data .. "/kernels/limn"
  local made, why = posix.mkdir(dir)
  if not made then return complain(why) end
  made, why = write_kernel(dir)
  if not made then return complain(why) end
  print(("installed the Jupyter kernel of limn in %s\nit runs %s\n%snext: jupyter notebook, then New > limn (%s)")
    :format(dir, session.program(), remark(session.program()), _VERSION))
  return 0
end

function actions.run(path, ...)
  if not path or select("#", ...) > 0 then
    io.stderr:write(usage, "\n")
    return 2
  end
  local lacking = need_zmq()
  if lacking then return lacking end
  local connection, why = require("limn.frontend.jupyter.wire").connection(path)
  if not connection then return complain(why) end
  local code
  code, why = require "limn.frontend.jupyter.front"(connection)
  return code or complain(why)
end

return {
  summary = "limn in Jupyter notebooks: install, run",
  run = function(action, ...)
    if action == "--help" then
      print(usage)
      return 0
    end
    if not actions[action] then
      io.stderr:write(usage, "\n")
      return 2
    end
    return actions[action](...)
  end,
}
