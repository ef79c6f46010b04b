// The MNIST browser: what to look for, a grid of matching images, and those nearest to one of the reader's digits.
// Python looks for the images; the page sends what is chosen, and draws the bytes that come back.

const ANY = -1, SIDE = 28;
const SLIDERS = [
  { name: "thickness", label: "Thickness", low: "thin", high: "thick" },
  { name: "slant", label: "Slant", low: "left", high: "right" },
];

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function makeButton(className, ...children) {
  const button = make("button", className, ...children);
  button.type = "button";
  return button;
}

// One canvas of 28 by 28 pixels for each image in `bytes`; CSS enlarges it.
function drawImages(bytes, describe) {
  const count = bytes ? bytes.byteLength / SIDE ** 2 : 0;
  return Array.from({ length: count }, (_, place) => {
    const canvas = make("canvas", "mnist-image"), context = canvas.getContext("2d");
    canvas.width = canvas.height = SIDE;
    const picture = context.createImageData(SIDE, SIDE), first = place * SIDE ** 2;
    for (let i = 0; i < SIDE ** 2; i += 1) picture.data.set([...Array(3).fill(bytes.getUint8(first + i)), 255], 4 * i);
    context.putImageData(picture, 0, 0);
    if (describe) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", describe(place));
    }
    return canvas;
  });
}

function makeSlider({ name, label, low, high }, model) {
  const input = make("input", "mnist-slider"), words = make("output", "mnist-words");
  Object.assign(input, { type: "range", min: 0, max: 100, step: 5 });
  input.setAttribute("aria-label", label);
  const any = makeButton("mnist-any", "any");
  any.setAttribute("aria-label", `Any ${name}`);
  input.addEventListener("input", () => choose(model, name, Number(input.value)));
  any.addEventListener("click", () => choose(model, name, ANY));
  // JupyterLab takes the arrow keys as its own, to go to the next cell, unless the slider does what they ask for.
  input.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, Home: -100, End: 100 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    choose(model, name, Math.max(0, Math.min(100, Number(input.value) + step)));
  });
  const show = () => {
    const value = model.get(name), start = Math.min(Math.max(value - 5, 0), 90);
    words.textContent = value === ANY ? "" : `${start}–${start + 10} %`;
    input.value = value === ANY ? 50 : value;
    input.classList.toggle("is-any", value === ANY);
    any.setAttribute("aria-pressed", value === ANY);
    input.setAttribute("aria-valuetext", value === ANY ? "any" : `${words.textContent}, from ${low} to ${high}`);
  };
  model.on(`change:${name}`, show);
  show();
  const scale = make("div", "mnist-scale", make("span", "", low), input, make("span", "", high));
  return make("div", "mnist-row", make("span", "mnist-name", label), scale, words, any);
}

function choose(model, name, value) {
  if (name !== "page" && name !== "picked") model.set("page", 0);
  model.set(name, value);
  model.save_changes();
}

function makeDigits(model) {
  const buttons = [ANY, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => {
    const button = makeButton("mnist-digit", digit === ANY ? "all" : String(digit));
    button.addEventListener("click", () => choose(model, "digit", digit));
    return [digit, button];
  });
  const show = () => buttons.forEach(([digit, button]) => button.setAttribute("aria-pressed", digit === model.get("digit")));
  model.on("change:digit", show);
  show();
  const group = make("div", "mnist-digits", ...buttons.map(([, button]) => button));
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Digit");
  return make("div", "mnist-row", make("span", "mnist-name", "Digit"), group);
}

function makeMine(model) {
  const labels = model.get("my_labels"), text = make("p", "mnist-summary");
  text.setAttribute("role", "status");
  const near = make("div", "mnist-grid"), message = make("p", "mnist-message");
  message.setAttribute("role", "alert");
  const buttons = drawImages(model.get("mine")).map((canvas, place) => {
    const button = makeButton("mnist-mine", canvas);
    const twin = labels.slice(0, place).filter((label) => label === labels[place]).length;
    button.setAttribute("aria-label", `Your ${labels[place]}${twin ? `, number ${twin + 1}` : ""}`);
    button.addEventListener("click", () => choose(model, "picked", place));
    return button;
  });
  const show = () => {
    const picked = model.get("picked"), own = labels[picked], waiting = model.get("compared") !== picked;
    const found = model.get("near_labels"), distances = model.get("near_distances");
    buttons.forEach((button, place) => button.setAttribute("aria-pressed", place === picked));
    const same = found.filter((label) => label === own).length;
    const count = `Nearest to your ${own}: ${same} of these ${found.length} are labelled ${own}.`;
    text.textContent = waiting ? `Looking for the images nearest to your ${own} …` : found.length ? count : "";
    near.classList.toggle("is-old", waiting);
    message.textContent = waiting ? "" : model.get("message");
    const words = (place) => `${found[place]}, at distance ${distances[place].toFixed(1)}`;
    near.replaceChildren(...drawImages(model.get("near"), words).map((canvas, place) => {
      const caption = make("figcaption", "", make("b", "", String(found[place])), ` at ${distances[place].toFixed(1)}`);
      return make("figure", found[place] === own ? "" : "is-other", canvas, caption);
    }));
  };
  for (const name of ["near", "near_distances", "message", "compared", "picked"]) model.on(`change:${name}`, show);
  show();
  const row = make("div", "mnist-own", ...buttons);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Your digits: pick one");
  return make("div", "mnist-part", make("p", "mnist-name", "Pick one of your digits"), row, text, message, near);
}

function render({ model, el }) {
  const summary = make("p", "mnist-summary"), grid = make("div", "mnist-grid");
  summary.setAttribute("role", "status");
  const others = makeButton("mnist-others", "Other images");
  others.addEventListener("click", () => choose(model, "page", model.get("page") + 1));
  const show = () => {
    const labels = model.get("labels"), all = model.get("digit") === ANY;
    summary.textContent = model.get("summary");
    grid.replaceChildren(...drawImages(model.get("images"), (place) => `A ${labels[place]}`).map((canvas, place) =>
      make("figure", "", canvas, ...(all ? [make("figcaption", "", String(labels[place]))] : []))));
  };
  for (const name of ["summary", "images", "labels"]) model.on(`change:${name}`, show);
  show();
  const root = make("div", "mnist", ...(model.get("my_labels").length ? [makeMine(model)] : []),
    make("div", "mnist-part", makeDigits(model), ...SLIDERS.map((slider) => makeSlider(slider, model)),
      make("div", "mnist-row", summary, others), grid));
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "MNIST browser");
  for (const name of ["lmSuppressShortcuts", "pSuppressShortcuts"]) root.dataset[name] = "true";
  el.append(root);
}

export default { render };
