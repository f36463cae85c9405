"""The player's page: style, still picture and script; words that begin with @ are filled in by player.py."""

PAGE = """<figure id="@ID" class="drl-player" style="margin:0.5em 0"><style>
.drl-player {max-width:840px; color:var(--jp-ui-font-color1,#212121); --soft:var(--jp-ui-font-color2,#616161);
  font:14px/1.45 var(--jp-ui-font-family,system-ui,sans-serif); font-variant-numeric:tabular-nums}
.drl-player .card {background:var(--jp-layout-color1,#fff); border:1px solid var(--jp-border-color1,#bdbdbd);
  border-radius:8px; padding:14px}
.drl-player .stage, .drl-player .controls {display:flex; flex-wrap:wrap; gap:12px 20px; align-items:center}
.drl-player canvas {width:@WIDTHpx; max-width:100%; aspect-ratio:@ASPECT; image-rendering:pixelated}
.drl-player .side {flex:1 1 250px; min-width:0}
.drl-player .side p {margin:0 0 10px; white-space:pre-line}
.drl-player .bars {display:grid; grid-template-columns:max-content 1fr minmax(4.5em,max-content); align-items:center}
.drl-player .bars > span:nth-child(3n+1) {padding:0 12px 0 1.3em; position:relative}
.drl-player .bars > span:nth-child(3n) {text-align:right}
.drl-player .track {position:relative; height:36px}
.drl-player .track i {position:absolute; top:7px; bottom:7px; background:@OTHER}
.drl-player .track .zero {top:0; bottom:0; width:2px; margin-left:-1px; background:var(--soft)}
.drl-player .chosen {-webkit-text-stroke:0.6px}
.drl-player .chosen:nth-child(3n+1)::before {content:"▶"; position:absolute; left:0}
.drl-player .chosen i:first-child {background:@CHOSEN; top:3px; bottom:3px; outline:2px solid currentColor}
.drl-player .scale {grid-column:2; position:relative; height:1.5em; font-size:12px; color:var(--soft)}
.drl-player .scale span {position:absolute; transform:translateX(-50%)}
.drl-player .controls {margin-top:14px}
.drl-player figcaption {margin-top:6px}
.drl-player button, .drl-player select {background:var(--jp-layout-color2,#eee); border:1px solid var(--soft);
  border-radius:4px; padding:4px 10px; cursor:pointer; font:inherit; color:inherit}
.drl-player button {min-width:6.5em; text-align:left}
.drl-player input {flex:1 1 200px; min-width:0; margin:0; height:24px; accent-color:@OTHER; cursor:pointer}
.drl-player .controls :focus-visible {outline:3px solid #E69F00; outline-offset:2px}
</style><div class="card"><div class="stage">
<img src="@STILL" alt="@ALT" width="@WIDTH" style="max-width:100%;height:auto"></div></div>@CAPTION
<script>(() => {
const script = document.currentScript, data = @DATA;
const root = (script && script.closest("#@ID")) || document.getElementById("@ID");
if (!root || root.querySelector("canvas")) return;
const make = (parent, tag, attributes = {}, text = "") => {
  const element = parent.appendChild(document.createElement(tag));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
};
const {width, height, low, high, columns, each} = data, last = data.actions.length - 1;
const stage = root.querySelector(".stage"), still = stage.querySelector("img");
const canvas = make(stage, "canvas", {role: "img", "aria-label": still.alt, width, height, style: "display:none"});
const side = make(stage, "div", {class: "side"}), status = make(side, "p", {role: "status"});
make(side, "p", {}, "Value of each move:");
const bars = make(side, "div", {class: "bars"}), place = value => 100 * (value - low) / (high - low);
const text = value => value.toFixed(data.digits).replace("-", "−");
const rows = data.names.map(name => {
  const cells = [make(bars, "span", {}, name), make(bars, "span", {class: "track"}), make(bars, "span")];
  const bar = make(cells[1], "i");
  make(cells[1], "i", {class: "zero", style: `left:${place(0)}%`});
  return {cells, bar};
});
const scale = make(bars, "div", {class: "scale", "aria-hidden": true});
for (const value of [low, 0, high]) if (value === 0 || Math.abs(place(value) - place(0)) > 15)
  make(scale, "span", {style: `left:${place(value)}%`}, `${+value.toFixed(data.digits)}`.replace("-", "−"));
const controls = make(root.querySelector(".card"), "div", {class: "controls"});
const own = {"data-lm-suppress-shortcuts": true};  // keys are the control's own, not JupyterLab's shortcuts
const button = make(controls, "button", {type: "button", ...own});
const slider = make(controls, "input", {type: "range", min: 1, max: last + 1, "aria-label": "Step", ...own});
const speed = make(controls, "select", {"aria-label": "Speed", ...own});
for (const factor of [0.5, 1, 2]) make(speed, "option", {value: factor}, `${factor}×`).selected = factor === 1;
let now = 0, playing = false, frame = 0, before = 0, due = 0;
const draw = () => {
  const sheet = sheets[Math.floor(now / each)], x = now % columns, y = Math.floor(now % each / columns);
  if (!sheet.complete) return;
  canvas.getContext("2d").drawImage(sheet, x * width, y * height, width, height, 0, 0, width, height);
  [still.style.display, canvas.style.display] = ["none", ""];
};
const show = step => {
  now = step;
  slider.value = now + 1;
  rows.forEach(({cells, bar}, index) => {
    const value = data.values[now][index];
    cells.forEach(cell => cell.classList.toggle("chosen", index === data.actions[now]));
    bar.style.left = `${place(Math.min(value, 0))}%`;
    bar.style.width = `${place(Math.abs(value) + low)}%`;
    cells[2].textContent = text(value);
  });
  status.textContent = `Step ${now + 1} of ${last + 1}\nThe agent chooses: ${data.names[data.actions[now]]}`;
  draw();
};
const set = play => {
  playing = play;
  cancelAnimationFrame(frame);
  status.setAttribute("aria-live", playing ? "off" : "polite");
  button.textContent = playing ? "❚❚ Pause" : "▶ Play";
  button.setAttribute("aria-label", playing ? "Pause" : "Play");
};
const tick = time => {
  due += Math.min(Math.max(time - before, 0), 250) * data.fps * speed.value / 1000;
  before = time;
  if (due >= 1) show(Math.min(now + Math.floor(due), last));
  due %= 1;
  if (now === last || !root.isConnected) set(false); else frame = requestAnimationFrame(tick);
};
button.onclick = () => {
  set(!playing);
  if (!playing) return;
  if (now === last) show(0);
  before = performance.now();
  frame = requestAnimationFrame(tick);
};
slider.oninput = () => { set(false); show(slider.value - 1); };
const sheets = data.sheets.map(src => Object.assign(new Image(), {onload: draw, src}));
set(false);
show(0);
})();</script></figure>"""
