-- Faults in the scripts themselves: how numbers become rows.
local small = ...
local rows = small.rows

return {
  { name = "crossing_mirrored",
    what = "a crossover lies on the wrong side of the grid's last D before it",
    file = "scripts/complexity_vs_data.lua",
    from = "return D[i] * (D[i + 1] / D[i]) ^ (-math.log(ratio[i]) / math.log(ratio[i + 1] / ratio[i]))",
    to = "return D[i] * (D[i + 1] / D[i]) ^ (math.log(ratio[i]) / math.log(ratio[i + 1] / ratio[i]))",
    caught_by = { rows("complexity_vs_data", "D* 4") } },
}
