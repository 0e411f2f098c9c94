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
  { name = "parity_of_three_bits",
    what = "the task called parity of 2 bits is parity of 3 bits",
    file = "scripts/sharp_tasks.lua",
    from = "parity = 2, label = product(2)",
    to = "parity = 2, label = product(3)",
    caught_by = { rows("sharp_tasks", "accuracy of the NNGP limit: parity of 2 bits, D = 64") } },
}
