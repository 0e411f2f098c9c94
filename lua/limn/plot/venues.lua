-- limn/plot/venues.lua: widths (inches) and font sizes (points) for figures in conferences and journals.
-- Widths are those of the style files: text width (page) and, in two-column layouts, column width.
-- family: of fonts, by the metrics of the body text. letters: the style of panel letters, if not "(a)".

return {
  neurips = { page = 5.5, font = 8, family = "TIMES", note = "one column of 5.5 in, body 10 pt" },
  icml = { column = 3.25, page = 6.75, font = 8, family = "TIMES", note = "two columns of 3.25 in, body 10 pt" },
  iclr = { page = 5.5, font = 8, family = "TIMES", note = "one column of 5.5 in, body 10 pt" },
  jmlr = { page = 6.0, font = 9, family = "TIMES", note = "one column of 6 in, body 11 pt" },
  ieee = { column = 3.5, page = 7.16, font = 8, family = "TIMES", note = "two columns of 3.5 in, body 10 pt" },
  nature = { column = 89 / 25.4, page = 183 / 25.4, font = 7, family = "HELVETICA", letters = "a", note = "89 or 183 mm, text 5 to 7 pt" },
  prx = { column = 3.375, page = 7.0, font = 8, family = "TIMES", note = "two columns of 8.6 cm" },
  aps = { column = 3.375, page = 7.0, font = 8, family = "TIMES", note = "two columns of 8.6 cm" },
}
