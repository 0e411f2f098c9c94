-- rows.lua: common functions of scripts whose ledgers are lists of {declaration = row, what = function that measures it}.
-- Not an experiment.

local rows = {}

-- The declarations of a list, for `claims`.
function rows.declared(list)
  local out = {}
  for i, r in ipairs(list) do out[i] = r.declaration end
  return out
end

-- Measures each row of a list: what(data) gives an estimate, or nil, and a note.
function rows.measure(ledger, list, data)
  for _, r in ipairs(list) do
    local estimate, note = r.what(data)
    ledger:measure(r.declaration.claim, estimate, { note = note })
  end
end

return rows
