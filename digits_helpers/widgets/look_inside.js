// Look inside: the network as a picture of its layers. Python sends what every layer makes of the drawing; this
// module paints each map as a small image and, for one map and one place in it, shows the numbers behind the value.
//
// By pointer: a map under the pointer is shown enlarged; a click holds it, and moving over the enlarged map moves the
// place. By keyboard: Tab reaches the maps, arrow keys, Home and End go from map to map, Enter goes into the enlarged
// map, arrow keys move the place there, and Esc goes back. What has the focus is held: the pointer doesn't change it.

const HINT = "Point at a map to enlarge it; click to hold it. With the keyboard: arrow keys go from map to map, " +
  "Enter goes into the enlarged map, arrow keys move the place there, Esc goes back.";
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const NARROW = 562; // pixels of the page; below, the enlarged map opens under its layer instead of beside it

// Every float16 as a float32: a table is the quickest way to read them.
const HALF = Float32Array.from({ length: 65536 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
});

function halves(view) {
  const bytes = view ?? new DataView(new ArrayBuffer(0));
  return Float32Array.from({ length: bytes.byteLength / 2 }, (_, i) => HALF[bytes.getUint16(2 * i, true)]);
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

const number = (value) => (Math.abs(value) < 0.005 ? 0 : value).toFixed(2).replace("-", "\u2212");
const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));

// Layers: what Python tells of them, their values, and their kernels

function readLayers(model) {
  const layers = model.get("layers").map((told) => {
    const flat = told.shape.length === 1;
    const [height, width] = flat ? [1, 1] : told.shape;
    return { ...told, flat, height, width, total: told.shape.at(-1), peak: 1e-6, tiles: [] };
  });
  layers.forEach((layer, place) => { layer.source = layers[place - 1]; });
  return layers;
}

function readKernels(layers, all) {
  let start = 0;
  for (const layer of layers.filter((one) => one.kind === "conv" && one.detail)) {
    const size = 9 * layer.source.total * layer.total;
    layer.kernel = all.subarray(start, start + size);
    layer.bias = all.subarray(start + size, start + size + layer.total);
    start += size + layer.total;
  }
}

function readValues(layers, all) {
  let start = 0;
  for (const layer of layers) {
    const size = layer.height * layer.width * layer.sent;
    layer.values = all.length ? all.subarray(start, start + size) : null;
    start += size;
    // The brightest value so far is the full colour: if it were the brightest one now, maps would flicker.
    layer.peak = layer.values?.reduce((peak, value) => Math.max(peak, Math.abs(value)), layer.peak) ?? layer.peak;
  }
}

function valueAt({ values, height, width, sent }, row, column, map) {
  const inside = row >= 0 && row < height && column >= 0 && column < width;
  return values && inside ? values[(row * width + column) * sent + map] : 0;
}

function nameOf(layer, map) {
  if (layer.kind === "input") return "input";
  if (layer.kind === "output") return `output, digit ${map}`;
  return `${shortNameOf(layer, map)} of ${layer.total}`;
}

const shortNameOf = ({ kind, name, flat }, map) => (kind === "input" ? name : `${name}, ${flat ? "unit" : "map"} ${map + 1}`);

const sizeOf = (layer) => layer.shape.join(" \u00d7 ");

// The numbers behind a value: how a layer makes it from the layer before

function square(side, value) {
  return Array.from({ length: side * side }, (_, i) => value(Math.floor(i / side), i % side));
}

function convolutionAt(layer, map, row, column) {
  const { source, kernel, bias, padding, total } = layer;
  const channels = Array.from({ length: source.total }, (_, channel) => {
    const patch = square(3, (y, x) => valueAt(source, row + y - padding, column + x - padding, channel));
    const weights = square(3, (y, x) => kernel[((3 * y + x) * source.total + channel) * total + map]);
    const products = patch.map((value, i) => value * weights[i]);
    return { channel, patch, weights, products, sum: products.reduce((a, b) => a + b) };
  });
  const most = channels.reduce((a, b) => (Math.abs(b.sum) > Math.abs(a.sum) ? b : a));
  const all = channels.reduce((sum, channel) => sum + channel.sum, 0);
  return { ...most, all, bias: bias[map], result: all + bias[map] };
}

// How strongly a value is coloured, from 0 to 1. The square root lifts the faint ones, of which there are many.
const strengthOf = (value, peak) => Math.sqrt(Math.min(1, Math.abs(value) / peak));

// Blue for positive, orange for negative, nothing for zero; never so strong that a number on it is hard to read.
function shade(value, peak) {
  const strength = Math.round(60 * strengthOf(value, peak));
  return `color-mix(in srgb, var(--inside-${value < 0 ? "minus" : "plus"}) ${strength}%, transparent)`;
}

function grid(caption, values, peak = Math.max(1e-6, ...values.map(Math.abs)), marked = -1) {
  const side = Math.sqrt(values.length);
  const table = make("table", "inside-grid", make("caption", "", caption));
  for (let row = 0; row < side; row += 1) {
    const line = table.insertRow();
    values.slice(row * side, (row + 1) * side).forEach((value, column) => {
      const cell = line.insertCell();
      cell.append(make("span", "", number(value)));
      cell.style.setProperty("--shade", shade(value, peak));
      cell.classList.toggle("inside-marked", row * side + column === marked);
    });
  }
  return table;
}

function sums(rows) {
  return make("dl", "inside-sums", ...rows.map(([what, value]) =>
    make("div", "", make("dt", "", what), make("dd", "", number(value)))));
}

function explainConvolution(layer, map, row, column) {
  const { source, relu } = layer, one = source.total === 1;
  const { channel, patch, weights, products, sum, all, bias, result } = convolutionAt(layer, map, row, column);
  const note = one ? "" : `Channel ${channel + 1} of ${source.total} contributes most here, so it's the one shown.`;
  const rows = [["Sum of the nine products", sum]];
  if (!one) rows.push([`Sum over all ${source.total} channels`, all]);
  rows.push(["Bias", bias], [one ? "Sum and bias" : "All channels and bias", result]);
  if (relu) rows.push([result > 0 ? "ReLU keeps it" : "ReLU makes it 0", Math.max(0, result)]);
  return [
    make("p", "inside-note", note),
    make("div", "inside-grids", grid(shortNameOf(source, channel), patch, source.peak), make("span", "inside-sign", "\u00d7"),
      grid("kernel", weights), make("span", "inside-sign", "="), grid("products", products)),
    sums(rows),
  ];
}

function explainPooling({ source }, map, row, column) {
  const four = square(2, (y, x) => valueAt(source, 2 * row + y, 2 * column + x, map)), largest = Math.max(...four);
  return [
    make("div", "inside-grids", grid(shortNameOf(source, map), four, source.peak, four.indexOf(largest))),
    sums([["Largest of the four", largest]]),
  ];
}

function explain(layer, map, row, column) {
  if (!layer.values) return [make("p", "inside-note", "Draw a digit to see its numbers here.")];
  if (layer.detail && layer.kind === "conv") return explainConvolution(layer, map, row, column);
  if (layer.detail && layer.kind === "pool") return explainPooling(layer, map, row, column);
  return [make("p", "inside-note", layer.step && `How it is made: ${layer.step}.`),
    sums([[layer.kind === "output" ? `For a ${map}` : "Value", valueAt(layer, row, column, map)]])];
}

// Painting

// Paint some maps of a layer side by side, in rows of so many columns. All maps of a layer share one canvas under
// their buttons: five hundred small ones would take a browser far longer.
function paint(canvas, layer, maps, columns, colours) {
  const { width, height, peak, values, sent } = layer;
  canvas.width = width * Math.min(columns, maps.length);
  canvas.height = height * Math.ceil(maps.length / columns);
  if (!values) return;
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  maps.forEach((map, place) => {
    const corner = Math.floor(place / columns) * height * canvas.width + (place % columns) * width;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const value = values[(y * width + x) * sent + map], alpha = Math.round(255 * strengthOf(value, peak));
        pixels[corner + y * canvas.width + x] = (value < 0 ? colours.minus : colours.plus) | (alpha << 24);
      }
    }
  });
  context.putImageData(image, 0, 0);
}

// The theme's two colours, #rrggbb, as numbers in a canvas's order, bgr: a canvas knows no CSS variables. An element
// that isn't on the page yet has no style.
function readColours(root) {
  const style = getComputedStyle(root);
  const colour = (name) => {
    const [red, green, blue] = style.getPropertyValue(`--inside-${name}`).match(/[0-9a-f]{2}/gi) ?? ["00", "72", "b2"];
    return parseInt(blue + green + red, 16);
  };
  return { plus: colour("plus"), minus: colour("minus") };
}

function outline(element, layer, row, column, side) {
  const percent = (part, whole) => `${(100 * part) / whole}%`;
  element.style.inset = `${percent(row, layer.height)} auto auto ${percent(column, layer.width)}`;
  element.style.width = percent(side, layer.width);
  element.style.height = percent(side, layer.height);
}

// The widget

function render({ model, el }) {
  let layers = [], kernels = null, colours = {}, frame = 0;
  const chosen = { layer: 0, map: 0, x: 0.5, y: 0.5 }; // the place as a share of the map: it means the same in all

  const toggle = make("button", "inside-switch", make("span", "inside-track"), "Look inside");
  Object.assign(toggle, { type: "button", role: "switch" });
  const message = make("p", "inside-message");
  message.setAttribute("role", "status");
  const title = make("div", "inside-title"), where = make("div", "inside-where");
  const place = make("span", "inside-place"), patch = make("span", "inside-patch"), numbers = make("div", "inside-numbers");
  const picture = make("canvas", ""), enlarged = make("div", "inside-enlarged", picture, place);
  Object.assign(enlarged, { tabIndex: 0, role: "group" });
  const detail = make("section", "inside-detail", title, enlarged, where, numbers);
  detail.setAttribute("aria-label", "One map, enlarged");
  const list = make("div", "inside-layers"), columns = make("div", "inside-columns", list, detail);
  const hint = make("p", "inside-hint", HINT), body = make("div", "inside-body", message, hint, columns);
  const root = make("div", "look-inside", toggle, body);
  // JupyterLab would take the arrow keys and Enter as its own: to go to the next cell, or to edit it.
  for (const name of ["lmSuppressShortcuts", "pSuppressShortcuts"]) root.dataset[name] = "true";
  el.append(root);

  const current = () => layers[chosen.layer];
  const row = () => clamp(Math.floor(chosen.y * current().height), current().height);
  const column = () => clamp(Math.floor(chosen.x * current().width), current().width);
  const tile = () => current().tiles[chosen.map];
  const held = () => body.contains(document.activeElement);

  function build() {
    layers = readLayers(model);
    kernels = null;
    list.replaceChildren(...layers.map((layer, index) => {
      layer.sheet = make("canvas", "");
      layer.maps = make("div", "inside-maps", layer.sheet);
      const units = layer.flat && layer.kind !== "output";
      layer.maps.dataset.kind = units ? "units" : layer.kind;
      layer.size = layer.total === 1 ? 3 * layer.width : units ? 7 : layer.flat ? 27 : Math.round(10 + 0.7 * layer.width);
      for (let map = 0; map < layer.sent; map += 1) {
        const button = make("button", "inside-map");
        Object.assign(button, { type: "button", tabIndex: -1 });
        button.setAttribute("aria-label", nameOf(layer, map));
        Object.assign(button.dataset, { layer: index, map });
        if (layer.kind === "output") button.append(make("span", "", String(map)));
        layer.tiles.push(button);
      }
      layer.maps.append(...layer.tiles);
      const fewer = layer.sent < layer.total ? ` (the first ${layer.sent})` : "";
      const head = make("div", "inside-head", make("b", "", layer.name), ` ${sizeOf(layer)}${fewer}`,
        make("span", "inside-step", layer.step));
      const group = make("div", "inside-layer", head, layer.maps);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", `${layer.name}, ${sizeOf(layer)}`);
      return group;
    }));
    chosen.layer = Math.min(1, layers.length - 1);
    chosen.map = 0;
    columns.append(detail);
  }

  // As many columns as fit, but no more than make full rows: most networks have 32, 64 or 128 maps.
  function arrange() {
    const zoom = Number(getComputedStyle(root).getPropertyValue("--inside-zoom"));
    for (const layer of layers) {
      const room = list.clientWidth, most = layer.size > 14 ? 16 : layer.size > 7 ? 32 : 64;
      let size = Math.round(zoom * layer.size);
      if (layer.kind === "output") size = Math.min(size, Math.floor(room / layer.sent)); // in one row with its digits
      layer.columns = Math.max(1, Math.min(layer.sent, most, Math.floor(room / size)));
      layer.maps.style.gridTemplateColumns = `repeat(${layer.columns}, ${size}px)`;
    }
    recolour(); // the element may have just come onto the page
  }

  // Mark the chosen map, and put its enlargement beside its layer.
  function markChosen() {
    list.querySelectorAll("[tabindex='0']").forEach((one) => { one.tabIndex = -1; });
    list.querySelectorAll(".inside-chosen").forEach((one) => one.classList.remove("inside-chosen"));
    tile().tabIndex = 0;
    tile().classList.add("inside-chosen");
    title.textContent = nameOf(current(), chosen.map);
    enlarged.setAttribute("aria-label", `${title.textContent}, enlarged; arrow keys move the place`);
    enlarged.style.aspectRatio = `${current().width} / ${current().height}`;
    const beside = columns.clientWidth >= NARROW && detail.parentElement === columns;
    const room = list.offsetHeight - detail.offsetHeight;
    const down = tile().closest(".inside-layer").offsetTop - list.offsetTop;
    detail.style.transform = beside ? `translateY(${Math.max(0, Math.min(room, down - 60))}px)` : "";
  }

  function showNumbers() {
    const layer = current(), single = layer.width * layer.height === 1;
    where.textContent = single ? "" : `row ${row() + 1} of ${layer.height}, column ${column() + 1} of ${layer.width}`;
    paint(picture, layer, [chosen.map], 1, colours);
    outline(place, layer, row(), column(), 1);
    numbers.setAttribute("aria-live", held() ? "polite" : "off"); // spoken when asked for, not ten times a second
    numbers.replaceChildren(...explain(layer, chosen.map, row(), column()));
    showPatch(layer);
  }

  // Frame the values that the chosen one is made of, in the layer before.
  function showPatch({ kind, detail: known, source, padding, values }) {
    patch.remove();
    if (!known || !values) return;
    const convolution = kind === "conv", step = convolution ? 1 : 2;
    const from = convolution ? convolutionAt(current(), chosen.map, row(), column()).channel : chosen.map;
    outline(patch, source, step * row() - padding, step * column() - padding, convolution ? 3 : 2);
    source.tiles[from].append(patch);
  }

  function showAll() {
    for (const layer of layers) paint(layer.sheet, layer, [...layer.tiles.keys()], layer.columns, colours);
    showNumbers();
  }

  function update() {
    frame = 0;
    body.hidden = !model.get("opened");
    toggle.setAttribute("aria-checked", model.get("opened"));
    message.textContent = model.get("message");
    columns.hidden = hint.hidden = !layers.length;
    if (body.hidden || columns.hidden) return;
    if (kernels !== model.get("kernels")) {
      kernels = model.get("kernels");
      readKernels(layers, halves(kernels));
      markChosen();
    }
    readValues(layers, halves(model.get("maps")));
    showAll();
  }

  const soon = () => { frame ||= requestAnimationFrame(update); }; // however many traits of one message change

  function choose(layer, map) {
    Object.assign(chosen, { layer: clamp(layer, layers.length), map });
    chosen.map = clamp(map, current().sent);
    showNumbers();
    markChosen();
  }

  function pointAt(event, element) {
    const box = element.getBoundingClientRect();
    chosen.x = (event.clientX - box.left) / box.width;
    chosen.y = (event.clientY - box.top) / box.height;
    showNumbers();
  }

  function hold() {
    if (columns.clientWidth < NARROW) tile().closest(".inside-layer").append(detail);
    enlarged.focus({ preventScroll: true });
    markChosen();
  }

  function goTo(layer, map) {
    choose(layer, map);
    tile().focus();
  }

  function keyOnMap(event) {
    const { layer, map } = chosen, last = current().sent - 1;
    const along = (other) => Math.round((map / Math.max(1, last)) * ((layers[other]?.sent ?? 1) - 1));
    const ways = {
      ArrowLeft: () => goTo(layer, map - 1), ArrowRight: () => goTo(layer, map + 1),
      ArrowUp: () => goTo(layer - 1, along(layer - 1)), ArrowDown: () => goTo(layer + 1, along(layer + 1)),
      Home: () => goTo(layer, 0), End: () => goTo(layer, last), Escape: () => tile().blur(),
    };
    if (!(event.key in ways)) return;
    event.preventDefault();
    ways[event.key]();
  }

  function keyInside(event) {
    if (event.key === "Escape") tile().focus();
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    const [down, right] = STEPS[event.key], { width, height } = current();
    chosen.y = (clamp(row() + down, height) + 0.5) / height;
    chosen.x = (clamp(column() + right, width) + 0.5) / width;
    showNumbers();
  }

  const buttonOf = (event) => event.target.closest(".inside-map");
  const chooseButton = ({ dataset }) => choose(Number(dataset.layer), Number(dataset.map));
  toggle.addEventListener("click", () => {
    model.set("opened", !model.get("opened"));
    model.save_changes();
  });
  list.addEventListener("pointermove", (event) => {
    const button = buttonOf(event);
    if (!button || held()) return;
    chooseButton(button);
    pointAt(event, button);
  });
  list.addEventListener("click", (event) => {
    const button = buttonOf(event);
    if (!button) return;
    chooseButton(button);
    hold();
  });
  list.addEventListener("keydown", (event) => buttonOf(event) && keyOnMap(event));
  list.addEventListener("focusin", (event) => buttonOf(event) && chooseButton(buttonOf(event)));
  enlarged.addEventListener("pointerdown", () => enlarged.focus({ preventScroll: true }));
  for (const type of ["pointerdown", "pointermove"]) {
    enlarged.addEventListener(type, (event) => pointAt(event, enlarged));
  }
  enlarged.addEventListener("keydown", keyInside);

  const rebuild = () => { build(); arrange(); };
  const width = new ResizeObserver(arrange);
  width.observe(list);
  const recolour = () => { colours = readColours(root); soon(); };
  const theme = new MutationObserver(recolour); // themes switch by an attribute of the page
  for (const page of [document.documentElement, document.body]) theme.observe(page, { attributes: true });
  const events = ["opened", "maps", "kernels", "message"].map((trait) => `change:${trait}`);
  model.on("change:layers", rebuild);
  for (const event of events) model.on(event, soon);
  rebuild();
  return () => {
    model.off("change:layers", rebuild);
    for (const event of events) model.off(event, soon);
    theme.disconnect();
    width.disconnect();
    cancelAnimationFrame(frame);
  };
}

export default { render };
