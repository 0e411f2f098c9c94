-- limn/plot/base64.lua: base64 encoding, for pictures in terminals and notebooks.

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- base64(bytes) -> RFC 4648 base64, on one line
return function(data)
  local out = {}
  for i = 1, #data, 3 do
    local a, b, c = data:byte(i, i + 2)
    local n = a << 16 | (b or 0) << 8 | (c or 0)
    local s = ""
    for k = 18, 0, -6 do
      local at = (n >> k & 63) + 1
      s = s .. ALPHABET:sub(at, at)
    end
    out[#out + 1] = c and s or b and s:sub(1, 3) .. "=" or s:sub(1, 2) .. "=="
  end
  return table.concat(out)
end
