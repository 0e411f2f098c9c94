-- plot_html_spec.lua: figures as HTML: one file without external resources, whose script is run in a headless Chromium.
-- slow: 15 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local native = require "limn.native"
local plot = require("limn").plot

local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local tools = dofile(here .. "/../support/plot_tools.lua")
local scratch, read, write = tools.scratch, tools.read, tools.write

local function html(name)
  local fig = plot.figure { cols = 2, title = "<b>&'", quiet = true }
  fig:panel(1, 1, { x = { scale = "log10" } }):line { x = { 1, 10, 100 }, y = { 1, 2, 3 }, label = "a </script> b" }
    :line { x = { 1, 10, 100 }, y = { 3, 2.5, 0 }, label = "other", band = { { 2, 2, 0 }, { 4, 3, 1 } } }
  fig:panel(1, 2):bars { x = { "p", "q" }, y = { 1, 2 }, label = "other" }:errorbars { y = { 1, 0 / 0 }, error = 0.1 }
  local path = scratch .. "/" .. name .. ".html"
  local saved, why = fig:save(path)
  lu.assertEquals(saved, path, why)
  return path, read(path)
end

TestHtml = {}

function TestHtml:test_nothing_is_loaded_and_no_text_becomes_markup()
  local _, page = html "plain"
  local bare = page:gsub('xmlns[:%w]*="[^"]*"', "")
  for _, word in ipairs { "http://", "https://", "src=", "@import", "url%(", "<link", "<?xml" } do
    lu.assertNil(bare:match(word), word)
  end
  lu.assertEquals(select(2, page:gsub("</script>", "")), 2)
  lu.assertStrContains(page, "<title>&lt;b&gt;&amp;'</title>")
end

-- A script at the end of the page uses it as a reader would and writes what it finds into the title.
local PROBE = [[<script>
var svg=document.querySelector('svg'),r=svg.getBoundingClientRect(),F=JSON.parse(document.getElementById('data').textContent);
var p=F.panels[0],m=svg.getScreenCTM(),out=[];
function send(kind,x,y,more){var o=Object.assign({clientX:x*m.a+m.e,clientY:y*m.d+m.f,bubbles:true},more||{});
 svg.dispatchEvent(kind==='wheel'?new WheelEvent(kind,o):new PointerEvent(kind,o))}
var low=Math.log(p.x.low),high=Math.log(p.x.high),mid=p.box[0]+(Math.log(10)-low)/(high-low)*(p.box[2]-p.box[0]);
var up=p.box[3]-(2-p.y.low)/(p.y.high-p.y.low)*(p.box[3]-p.box[1]);
send('pointermove',mid,up);out.push(document.getElementById('tip').textContent);
var keys=document.querySelectorAll('#keys button');out.push(keys.length);
function gone(){return [].filter.call(document.querySelectorAll('g[id^=gnuplot_plot_]'),function(g){
 return g.style.display==='none'}).length}
keys[1].click();out.push(gone());out.push(keys[1].getAttribute('aria-pressed'));
keys[1].click();out.push(gone());
var before=svg.getAttribute('viewBox').split(' ')[2];send('wheel',mid,up,{deltaY:-1,cancelable:true});
out.push(svg.getAttribute('viewBox').split(' ')[2]/before);
send('dblclick',0,0);out.push(svg.getAttribute('viewBox').split(' ')[2]/before);
document.title=out.join('|');</script>]]

function TestHtml:test_values_keys_and_zoom_in_a_browser()
  tools.skip_if(not os.execute "command -v chromium >/dev/null 2>&1", "figures in a browser: chromium is not installed")
  local path, page = html "probe"
  write(path, (page:gsub("</body>", function() return PROBE .. "</body>" end)))
  local status, out = native.process.run({ "chromium", "--headless", "--no-sandbox", "--disable-gpu",
    "--user-data-dir=" .. scratch .. "/chromium", "--virtual-time-budget=2000", "--dump-dom", "file://" .. path }, {}, 300)
  lu.assertEquals(status, 0)
  lu.assertEquals(out:match "<title>(.-)</title>", "a &lt;/script&gt; b: 10, 2|2|3|false|0|0.8|1")
end

tools.finish()
