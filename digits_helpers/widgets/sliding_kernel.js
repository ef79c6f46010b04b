// Slides a 3 × 3 kernel over an image (see sliding_kernel.py). The page multiplies and adds at one place. The maps come
// from the reader's own functions; until there is one, the page fills in the sums wherever the kernel has been.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const PLUS = [0, 114, 178], MINUS = [213, 94, 0]; // on white paper, as in all figures
const SPEED = 4; // places for each frame of the page

function make(tag, className, ...children) {
  const element = Object.assign(document.createElement(tag), { className });
  element.append(...children);
  return element;
}

const makeButton = (name, onclick) => Object.assign(make("button", "", name), { type: "button", onclick });
const written = (value) => (Math.abs(value) < 0.005 ? 0 : value).toFixed(2).replace("-", "\u2212");
const floats = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
const grey = (value) => [255 * value, 255 * value, 255 * value];
const shade = (share) => (share < 0 ? MINUS : PLUS).map((part) => 255 - (255 - part) * Math.min(1, Math.abs(share)));

// An image with a frame over `size` of its pixels; one of them stands for `scale` places of the window.
function makeView(name, [height, width], size = 1, scale = 1) {
  const canvas = Object.assign(make("canvas", ""), { height, width }), frame = make("div", "sliding-frame");
  const stage = make("div", "sliding-stage", canvas, frame), middle = (size - 1) / 2;
  const paint = (values, colour) => {
    const image = new ImageData(width, height);
    values.forEach((value, i) => image.data.set([...colour(value), 255], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
  };
  const mark = ([row, column]) => {
    const shares = [Math.floor(row / scale) / height, Math.floor(column / scale) / width, size / height, size / width];
    ["top", "left", "height", "width"].forEach((side, i) => { frame.style[side] = `${100 * shares[i]}%`; });
  };
  const placeOf = ({ clientX, clientY }) => {
    const box = stage.getBoundingClientRect();
    const down = (clientY - box.top) / box.height, right = (clientX - box.left) / box.width;
    return [[down, height], [right, width]].map(([share, count]) => scale * (Math.floor(share * count) - middle));
  };
  const caption = make("figcaption", "", `${name}, ${height} × ${width}`);
  return { root: make("figure", "", stage, caption), stage, paint, mark, placeOf };
}

function makeGrid(name, makeCell = () => make("span", "")) {
  const cells = [...Array(9).keys()].map(makeCell);
  return { root: make("figure", "", make("div", "sliding-grid", ...cells), make("figcaption", "", name)), cells };
}

function render({ model, el }) {
  const [height, width] = model.get("shape"), pixels = floats(model.get("pixels"));
  const down = height - 2, right = width - 2, sums = new Float32Array(down * right); // where the kernel has been
  let place = model.get("place"), timer = 0, views = [];
  const image = makeView("your image", [height, width], 3);
  image.paint(pixels, grey);
  Object.assign(image.stage, { tabIndex: 0, role: "application", ariaLabel: "The image. Arrow keys move the window." });
  const makeInput = (i) => Object.assign(make("input", ""), {
    type: "number", step: "any", ariaLabel: `Kernel, row ${Math.floor(i / 3) + 1}, column ${(i % 3) + 1}`,
    oninput: () => share("kernel", kernel.cells.map((cell) => cell.valueAsNumber || 0)),
  });
  const patch = makeGrid("pixels"), kernel = makeGrid("kernel", makeInput), product = makeGrid("products");
  const makeStatus = (className) => Object.assign(make("p", className), { role: "status" });
  const status = makeStatus("sliding-sum"), message = makeStatus("sliding-message"), maps = make("div", "sliding-maps");
  const slide = makeButton("Slide over all", () => (timer ? move(place) : slideFrom(0)));
  const presets = Object.entries(model.get("presets")).map(([name, to]) => makeButton(name, () => share("kernel", to)));
  const arithmetic = make("div", "sliding-grids", patch.root, "×", kernel.root, "=", product.root);
  const top = make("div", "sliding-top", image.root, make("div", "", arithmetic, status, slide));
  const buttons = make("div", "sliding-buttons", make("span", "", "Kernels:"), ...presets);
  const root = make("div", "sliding", top, buttons, message, maps);
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab has its own use for the arrow keys
  el.append(root);

  const pixelAt = ([row, column], i) => pixels[(row + Math.floor(i / 3)) * width + column + (i % 3)];
  const sumAt = (corner) => model.get("kernel").reduce((sum, weight, i) => sum + weight * pixelAt(corner, i), 0);

  const share = (name, value) => { model.set(name, value); model.save_changes(); };
  function show() {
    const weights = model.get("kernel"), strongest = Math.max(...weights.map(Math.abs), 1e-6), sum = sumAt(place);
    weights.forEach((weight, i) => {
      const pixel = pixelAt(place, i), cells = [patch, kernel, product].map((grid) => grid.cells[i]);
      cells[0].textContent = written(pixel);
      if (cells[1].valueAsNumber !== weight && cells[1] !== document.activeElement) cells[1].value = weight;
      cells[2].textContent = written(weight * pixel);
      const shades = [grey(pixel), shade(weight / strongest / 2), shade((weight * pixel) / strongest / 2)];
      cells.forEach((cell, grid) => { cell.style.background = `rgb(${shades[grid]})`; });
      cells[0].style.color = pixel < 0.5 ? "#fff" : "#000";
    });
    const where = `Row ${place[0]}, column ${place[1]}: the nine products sum to `;
    status.replaceChildren(where, make("b", "", written(sum)));
    if (!model.get("maps").length) {
      sums[place[0] * right + place[1]] = sum;
      views[0].paint(sums, (value) => shade(value / model.get("reach")));
    }
    for (const view of [image, ...views]) view.mark(place);
  }

  function build() {
    const told = model.get("maps"), byHand = { name: "the sums so far", shape: [down, right] };
    message.textContent = model.get("message");
    sums.fill(0);
    views = (told.length ? told : [byHand]).map(({ name, shape }) =>
      makeView(name, shape, 1, Math.floor(down / shape[0])));
    told.forEach(({ values }, i) => views[i].paint(floats(values), (value) => shade(value / model.get("reach"))));
    [image, ...views].forEach(follow);
    maps.replaceChildren(...views.map((view) => view.root));
    show();
  }

  function slideFrom(from) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches, end = still ? sums.length : from + SPEED;
    for (let at = from; at < Math.min(end, sums.length); at += 1) {
      place = [Math.floor(at / right), at % right];
      sums[at] = sumAt(place);
    }
    show();
    timer = end < sums.length ? requestAnimationFrame(() => slideFrom(end)) : 0;
    slide.textContent = timer ? "Stop" : "Slide over all";
    if (!timer) share("place", place);
  }

  function move([row, column]) {
    cancelAnimationFrame(timer);
    timer = 0;
    slide.textContent = "Slide over all";
    share("place", [Math.min(Math.max(row, 0), down - 1), Math.min(Math.max(column, 0), right - 1)]);
  }

  function follow({ stage, placeOf }) { // a pressed pointer takes the window along
    stage.onpointerdown = stage.onpointermove = (event) => {
      if (event.buttons !== 1) return;
      image.stage.focus({ preventScroll: true });
      stage.setPointerCapture(event.pointerId);
      move(placeOf(event));
    };
  }
  image.stage.onkeydown = (event) => {
    if (!(event.key in STEPS)) return;
    event.preventDefault(); // the page would scroll
    move(place.map((at, axis) => at + STEPS[event.key][axis]));
  };
  root.onkeydown = (event) => !event.shiftKey && !event.ctrlKey && !event.metaKey && event.stopPropagation();
  const onPlace = () => { place = model.get("place"); show(); };
  const events = { "change:place": onPlace, "change:kernel change:reach change:maps change:message": build };
  for (const [names, handler] of Object.entries(events)) model.on(names, handler);
  build();
  return () => {
    cancelAnimationFrame(timer);
    for (const [names, handler] of Object.entries(events)) model.off(names, handler);
  };
}

export default { render };
