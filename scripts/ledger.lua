-- ledger.lua: all claims by one command. Runs every experiment of this folder that declares claims, and writes
-- out/report.html, out/report.pdf and out/ledger.json.
--   limn scripts/ledger.lua                       the quick size, about 20 minutes on two cores
--   limn scripts/ledger.lua --size paper --yes    the size for publication; without --yes it prints the expected time
--   limn scripts/ledger.lua --only A17,weights    scripts that measure a claim, or by name
-- A run that was stopped goes on where it stopped.

os.exit(require("limn.report").main({ table.unpack(arg) }, arg[0]), true)
