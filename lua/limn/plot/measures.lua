-- limn/plot/measures.lua: lengths of the layout, in points.

return {
  EDGE = 3, -- margin of the page
  TICK = 2.4, -- length of ticks
  GAP = 3.6, -- distance from tick to label
  BAR = 6.5, -- width of a colour bar
}
