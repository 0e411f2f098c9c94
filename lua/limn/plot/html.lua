-- limn/plot/html.lua: a figure as one HTML file without external resources: the SVG, the data of its series, and a script
-- that shows values at the pointer, enlarges the picture, and hides or shows series.

local json = require("limn.native").json
local native = require("limn.native").plot
local text = require "limn.plot.text"

local html = {}

local MOST_POINTS = 5000 -- of a series, for the values at the pointer

local STYLE = [[
body{margin:1em;font:14px sans-serif;color:#262626;background:#fff}
svg{display:block;width:100%;height:auto;max-width:var(--wide);cursor:crosshair;touch-action:none}
#tip{position:fixed;display:none;pointer-events:none;background:#fff;border:1px solid #888;border-radius:3px;padding:2px 6px}
#keys button{font:inherit;background:none;border:1px solid #ccc;border-radius:3px;margin:2px;cursor:pointer}
#keys button[aria-pressed=false]{opacity:.4;text-decoration:line-through}
#keys i{display:inline-block;width:.8em;height:.8em;margin-right:.4em}]]

-- place: the coordinate of a value, as limn.plot.span computes it; at: its position in the picture, points.
local SCRIPT = [[
(function(){'use strict';
var F=JSON.parse(document.getElementById('data').textContent),svg=document.querySelector('svg'),
tip=document.getElementById('tip'),keys=document.getElementById('keys'),groups=svg.querySelectorAll('g[id^=gnuplot_plot_]'),
whole=svg.getAttribute('viewBox').split(' ').map(Number),view=whole.slice(),hidden={};
function place(a,v){if(a.scale==='log')return Math.log(v);if(a.scale==='symlog')return Math.asinh(v/(2*a.linear));return v}
function at(a,v,p,q){var f=(place(a,v)-place(a,a.low))/(place(a,a.high)-place(a,a.low));return p+(a.reverse?1-f:f)*(q-p)}
function show(v){return v===0?'0':String(Number(v.toPrecision(6)))}
F.panels.forEach(function(p){p.series.forEach(function(s){s.px=[];s.x.forEach(function(x,i){
 s.px.push(x===null||s.y[i]===null?null:[at(p.x,x,p.box[0],p.box[2]),at(s.y2?p.y2:p.y,s.y[i],p.box[3],p.box[1])])})})});
function point(e){var m=svg.getScreenCTM().inverse();return [e.clientX*m.a+m.e,e.clientY*m.d+m.f]}
function nearest(q){var best=null;F.panels.forEach(function(p){
 if(q[0]<p.box[0]||q[0]>p.box[2]||q[1]<p.box[1]||q[1]>p.box[3])return;
 p.series.forEach(function(s){if(hidden[s.name])return;s.px.forEach(function(c,i){if(!c)return;
  var d=Math.hypot(c[0]-q[0],c[1]-q[1]);if(d<12&&(!best||d<best.d))best={d:d,s:s,i:i}})})});return best}
svg.addEventListener('pointermove',function(e){var b=nearest(point(e));if(!b){tip.style.display='none';return}
 tip.textContent=(b.s.name?b.s.name+': ':'')+show(b.s.x[b.i])+', '+show(b.s.y[b.i]);
 tip.style.display='block';tip.style.left=e.clientX+12+'px';tip.style.top=e.clientY+12+'px'});
svg.addEventListener('pointerleave',function(){tip.style.display='none'});
function look(){svg.setAttribute('viewBox',view.join(' '))}
svg.addEventListener('wheel',function(e){e.preventDefault();var q=point(e),k=e.deltaY<0?0.8:1.25;
 if(view[2]*k>whole[2])view=whole.slice();
 else view=[q[0]-(q[0]-view[0])*k,q[1]-(q[1]-view[1])*k,view[2]*k,view[3]*k];look()},{passive:false});
var drag=null;svg.addEventListener('pointerdown',function(e){drag=point(e)});
window.addEventListener('pointerup',function(){drag=null});
svg.addEventListener('pointermove',function(e){if(!drag)return;var q=point(e);view[0]-=q[0]-drag[0];view[1]-=q[1]-drag[1];look()});
svg.addEventListener('dblclick',function(){view=whole.slice();look()});
var made={};if(groups.length===F.groups)F.panels.forEach(function(p){p.series.forEach(function(s){if(!s.name||made[s.name])return;
 made[s.name]=true;var b=document.createElement('button'),i=document.createElement('i');i.style.background=s.color;
 b.append(i,s.name);b.setAttribute('aria-pressed','true');keys.append(b);
 b.addEventListener('click',function(){var off=!hidden[s.name];hidden[s.name]=off;b.setAttribute('aria-pressed',String(!off));
  F.panels.forEach(function(o){o.series.forEach(function(t){if(t.name!==s.name)return;
   for(var k=t.first;k<=t.last;k++)groups[k-1].style.display=off?'none':''})})})})});
})();]]

-- The values of a column as a list for JSON; null for those that are not finite.
local function values(column, stride)
  local t, out = native.totable(column), {}
  for i = 1, #t, stride do out[#out + 1] = t[i] - t[i] == 0 and native.number(t[i]) or "null" end
  return "[" .. table.concat(out, ",") .. "]"
end

local function axis_text(axis)
  return ('{"scale":"%s","low":%s,"high":%s,"linear":%s,"reverse":%s}'):format(axis.log and "log" or axis.scale,
    native.number(axis.low), native.number(axis.high), native.number(axis.linear or 1), tostring(axis.reverse or false))
end

local function is_curve(d)
  return type(d.x) == "userdata" and type(d.y) == "userdata" and d.kind ~= "contour" and d.kind ~= "heatmap"
end

-- groups: of each drawn layer, the numbers of its first and last element in the picture.
local function series_text(d, groups)
  local x, y = is_curve(d) and (d.shape_x and d.kind == "strip" and d.shape_x or d.middle or d.x),
    is_curve(d) and (d.shape_y and d.kind == "strip" and d.shape_y or d.top or d.y)
  local n = x and select(2, native.column(x, "plot", "x")) or 0
  local stride = math.max(1, math.ceil(n / MOST_POINTS))
  return ('{"name":%s,"color":"%s","y2":%s,"first":%d,"last":%d,"x":%s,"y":%s}'):format(
    d.label and json.encode(text.typed(d.label)) or "null", d.color, tostring(d.axis == "y2"), groups[1], groups[2],
    x and values(x, stride) or "[]", y and values(y, stride) or "[]")
end

-- The data of a page as JSON: of each panel its box in points from the top left corner, its axes and its series.
local function data(page, groups, count)
  local panels = {}
  for _, view in ipairs(page.views) do
    if not view.sheet and not view.blank then
      local series, b = {}, view.box
      for _, d in ipairs(view.drawn) do
        if groups[d] then series[#series + 1] = series_text(d, groups[d]) end
      end
      panels[#panels + 1] = ('{"box":[%s,%s,%s,%s],"x":%s,"y":%s,"y2":%s,"series":[%s]}'):format(native.number(b.x0),
        native.number(page.height - b.y1), native.number(b.x1), native.number(page.height - b.y0), axis_text(view.x),
        axis_text(view.y), view.uses_y2 and axis_text(view.y2) or "null", table.concat(series, ","))
    end
  end
  return ('{"groups":%d,"panels":[%s]}'):format(count, table.concat(panels, ","))
end

-- document(svg, page, groups, count) -> the HTML text. count: of elements in the picture.
function html.document(svg, page, groups, count)
  local title = page.title and text.typed(page.title) or "figure"
  title = title:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })
  return table.concat { "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ",
    "script-src 'unsafe-inline'; img-src data:\">\n<title>", title, "</title>\n<style>", STYLE, "</style></head>\n",
    "<body style=\"--wide:", ("%d"):format(page.width * 2), "px\">\n", svg:match "<svg.*$",
    "\n<div id=\"keys\"></div><div id=\"tip\"></div>\n<script type=\"application/json\" id=\"data\">",
    (data(page, groups, count):gsub("<", "\\u003c")), "</script>\n<script>", SCRIPT, "</script>\n</body></html>\n" }
end

return html
