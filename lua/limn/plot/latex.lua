-- limn/plot/latex.lua: the .tex file of a figure, from what gnuplot's terminal cairolatex writes: it names the packages that
-- it needs and finds its picture from any folder in which LaTeX runs.

local latex = {}

-- %s: the picture's name twice, the folder that the figure was saved in, the name, the folder. \CurrentFilePath is the folder
-- given to \input (LaTeX from 2020 on).
local FINDER = [[
  \makeatletter
  \@ifundefined{limnfigures}{%%
    \def\limnfigures{}%%
    \@ifundefined{CurrentFilePath}{}{\ifx\CurrentFilePath\@empty\else\edef\limnfigures{\CurrentFilePath/}\fi}%%
    \IfFileExists{\limnfigures %s.pdf}{}{\IfFileExists{%s%s.pdf}{\def\limnfigures{%s}}{\def\limnfigures{}}}%%
  }{}%%
  \makeatother
]]

local HEAD = [[
%% Drawn by %s: %s
%% The document needs \usepackage{graphicx} and \usepackage{color} (or xcolor). The picture is %s.pdf: it is looked for
%% beside this file, then in the folder that limn wrote it to, then by \graphicspath; \newcommand\limnfigures{FOLDER/} names
%% another folder. Texts have the document's fonts.
]]

-- text: of gnuplot; path: of the .tex file; base: its name without suffix; about: see metadata.of.
function latex.document(text, path, base, about)
  local art, folder = base .. "-art", path:match "^(.*/)[^/]*$" or ""
  local known = not folder:find "[^%w%-_./+ ]" and folder or "" -- LaTeX reads it
  local finder = FINDER:format(art, known, art, known)
  local head = HEAD:format(about.creator, about.command, art)
  text = text:gsub("^([^\n]*\n)", function(first) return first .. head end)
  text = text:gsub("\\begingroup\n", function(line) return line .. finder end, 1)
  text = text:gsub("%%?[ \t]*\\definecolor{tbcol}{rgb}{1,1,1}%%?\n", function()
    return "    \\ifdefined\\definecolor\\definecolor{tbcol}{rgb}{1,1,1}\\fi%\n"
  end, 1)
  return (text:gsub("{" .. art:gsub("%p", "%%%0") .. "}", function() return "{\\limnfigures " .. art .. "}" end))
end

return latex
