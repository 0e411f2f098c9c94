-- limn/plot/contour.lua: level lines of a matrix by marching squares, joined into long curves so that dash patterns
-- are continuous. Saddle cells are resolved by the mean of their four corners.

local contour = {}

-- The pairs of edges joined by the level line, by the set of corners at or above the level (bits 1, 2, 4, 8). Edges:
-- 1 bottom, 2 right, 3 top, 4 left.
local cases = {
  [1] = { { 4, 1 } }, [2] = { { 1, 2 } }, [3] = { { 4, 2 } }, [4] = { { 2, 3 } }, [6] = { { 1, 3 } },
    [7] = { { 4, 3 } },
  [8] = { { 3, 4 } }, [9] = { { 3, 1 } }, [11] = { { 3, 2 } }, [12] = { { 2, 4 } }, [13] = { { 2, 1 } },
    [14] = { { 1, 4 } },
}
local saddles = {
  [5] = { [true] = { { 4, 3 }, { 1, 2 } }, [false] = { { 4, 1 }, { 2, 3 } } },
  [10] = { [true] = { { 4, 1 }, { 2, 3 } }, [false] = { { 1, 2 }, { 3, 4 } } },
}

-- x (cols), y (rows), z (rows*cols, row-major) -> the points of the level lines as two tables, NaN between curves.
function contour.trace(x, y, z, rows, cols, level)
  local nodes, links = {}, {} -- by edge key: position; list of one or two neighbours
  local function key(i, j, edge) -- one number per edge of the grid; cells that share an edge get the same one
    if edge == 1 then return (i * cols + j) * 2 end
    if edge == 3 then return ((i + 1) * cols + j) * 2 end
    if edge == 4 then return (i * cols + j) * 2 + 1 end
    return (i * cols + j + 1) * 2 + 1
  end
  local function node(i, j, edge)
    local k = key(i, j, edge)
    if not nodes[k] then
      local ia, ja, ib, jb = i, j, i, j
      if edge == 1 then jb = j + 1 elseif edge == 3 then ia, ib, jb = i + 1, i + 1, j + 1
      elseif edge == 4 then ib = i + 1 else ja, jb, ib = j + 1, j + 1, i + 1 end
      local a, b = z[ia * cols + ja + 1], z[ib * cols + jb + 1]
      local t = (level - a) / (b - a)
      nodes[k] = { x[ja + 1] + t * (x[jb + 1] - x[ja + 1]), y[ia + 1] + t * (y[ib + 1] - y[ia + 1]) }
      links[k] = {}
    end
    return k
  end
  local order = {}
  for i = 0, rows - 2 do
    for j = 0, cols - 2 do
      local at = i * cols + j + 1
      local a, b, c, d = z[at], z[at + 1], z[at + cols + 1], z[at + cols]
      if a - a == 0 and b - b == 0 and c - c == 0 and d - d == 0 then
        local case = (a >= level and 1 or 0) + (b >= level and 2 or 0) + (c >= level and 4 or 0) + (d >= level and 8
          or 0)
        local pairs_ = cases[case] or (saddles[case] and saddles[case][(a + b + c + d) / 4 >= level])
        for _, p in ipairs(pairs_ or {}) do
          local m, n = node(i, j, p[1]), node(i, j, p[2])
          table.insert(links[m], n)
          table.insert(links[n], m)
          order[#order + 1] = m
          order[#order + 1] = n
        end
      end
    end
  end
  local outx, outy, used = {}, {}, {}
  local function follow(start)
    local k, previous = start, nil
    if #outx > 0 then outx[#outx + 1], outy[#outy + 1] = 0 / 0, 0 / 0 end
    while k do
      outx[#outx + 1], outy[#outy + 1] = nodes[k][1], nodes[k][2]
      if used[k] then break end -- the curve is closed
      used[k] = true
      local following
      for _, m in ipairs(links[k]) do
        if m ~= previous and (not used[m] or m == start) then
          following = m
          break
        end
      end
      previous, k = k, following
    end
  end
  for _, k in ipairs(order) do -- open curves first, from an end
    if #links[k] == 1 and not used[k] then follow(k) end
  end
  for _, k in ipairs(order) do
    if not used[k] then follow(k) end
  end
  return outx, outy
end

return contour
