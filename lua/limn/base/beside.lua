-- limn/base/beside.lua: files that limn writes beside the one that the user named. Such a file is replaced only if limn
-- wrote it, which its first bytes, the mark, tell.

local put = require("limn.native").files.put

local beside = {}

local function beginning(path, n)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read(n) or ""
  file:close()
  return bytes
end

function beside.exists(path) return beginning(path, 1) ~= nil end

-- Whether a file may be written: it does not exist, is empty, or begins with the mark -> true; or nil, the reason.
function beside.free(path, mark)
  local bytes = beginning(path, #mark)
  if bytes == nil or bytes == "" or bytes == mark then return true end
  return nil, ("%s exists and was not written by limn; move it away, or save under another name"):format(path)
end

-- Writes a file that begins with the mark -> path; or nil, message.
function beside.put(path, text, mark)
  local ok, why = beside.free(path, mark)
  if not ok then return nil, why end
  return put(path, text)
end

return require("limn.base.check").sealed("beside.", beside)
