// Draws ten weight images while they learn (see learning_templates.py). The kernel takes the steps, because they run the
// reader's own function; the page draws the weights, tries them on the reader's digits, and asks for the next step.

const COLOURS = [[213, 94, 0], [244, 189, 147], [255, 255, 255], [148, 200, 230], [0, 114, 178]]; // −1, −½, 0, ½, 1
const TOO_HIGH = 100; // a loss so many times the first one won't come back

function element(tag, className = "", ...children) {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...children);
  return made;
}

function button(name, className, onclick) {
  return Object.assign(element("button", className, name), { type: "button", onclick });
}

function named(role, label, made) { // for screen readers
  made.setAttribute("role", role);
  if (label) made.setAttribute("aria-label", label);
  return made;
}

// One of several choices, for mouse and arrow keys.
function radios(label, className, choices, onChange) {
  const group = named("radiogroup", label, element("div", className)), name = `templates-${Math.random()}`;
  choices.forEach(([title, face], place) => {
    const radio = Object.assign(element("input"), { type: "radio", name, value: place, onchange: () => onChange(place) });
    radio.setAttribute("aria-label", title);
    radio.dataset.lmSuppressShortcuts = "true"; // JupyterLab 3 takes the arrow keys before anything on the page
    group.append(element("label", "", radio, face));
  });
  return group;
}

// Draws 784 values on a canvas; `colour` gives the red, green and blue of each.
function paint(canvas, values, colour) {
  const picture = new ImageData((canvas.width = 28), (canvas.height = 28));
  values.forEach((value, at) => picture.data.set([...colour(value), 255], 4 * at));
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas;
}

function signed(value, limit) {
  const along = 2 + 2 * Math.max(-1, Math.min(1, value / limit)), first = Math.min(3, Math.floor(along));
  return COLOURS[first].map((from, part) => from + (along - first) * (COLOURS[first + 1][part] - from));
}

const grey = (ink) => [255 * ink, 255 * ink, 255 * ink];
const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
const largest = (scores) => scores.indexOf(Math.max(...scores));
const written = (loss) => (loss < 1000 ? loss.toFixed(2) : loss.toExponential(1).replace("e+", " × 10^"));

function render({ model, el }) {
  const rates = model.get("rates"), labels = model.get("labels");
  const inks = Float32Array.from(bytes(model.get("digits")), (ink) => ink / 255);
  const own = labels.map((_, at) => inks.subarray(784 * at, 784 * at + 784));
  let playing = false, chosen = 0, waiting = null, due = null;

  const play = button("Play", "is-main", () => turn(!playing));
  const one = button("Step", "", () => { turn(false); send({ steps: 1 }); });
  const again = button("Start again", "", () => { turn(false); send({ rate: model.get("rate") }); });
  const rate = radios("Learning rate", "templates-rates", rates.map((value, at) => [`${value}`, element("span", `rate-${at}`, value)]),
    (at) => { turn(false); send({ rate: rates[at] }); });
  const tiles = [...Array(10).keys()].map((digit) => {
    const canvas = named("img", `Weights of ${digit}`, element("canvas")), score = element("span"), bar = element("i");
    const words = element("p", "", element("b", "", digit), score);
    return { canvas, score, bar, root: element("div", "templates-tile", canvas, words, bar) };
  });
  const mine = radios("A digit to try the weights on", "templates-digits",
    own.map((pixels, at) => [`A ${labels[at]}, number ${at + 1}`, paint(element("canvas"), pixels, grey)]),
    (at) => { chosen = at; show(); });
  const [scale, tally, plot] = ["note", "note", "plot"].map((name) => element("div", `templates-${name}`));
  const status = named("status", "", element("p", "templates-status"));
  named("group", "Ten weight images that learn", el).classList.add("templates");
  const controls = element("div", "templates-controls", play, one, again, element("span", "templates-name", "Learning rate"), rate);
  el.append(controls, element("div", "templates-grid", ...tiles.map(({ root }) => root)), scale, mine, tally, plot, status);
  // JupyterLab has its own use for these keys, but not together with Shift or Ctrl.
  el.addEventListener("keydown", (event) => {
    if (/^(Arrow.*|Enter| )$/.test(event.key) && !event.shiftKey && !event.ctrlKey && !event.metaKey) event.stopPropagation();
  });

  const losses = () => model.get("curves")[rates.indexOf(model.get("rate"))];
  function send(message) {
    clearTimeout(waiting);
    waiting = setTimeout(() => { status.textContent = "Waiting for the kernel …"; }, 1500);
    model.send(message);
  }
  function turn(on) {
    playing = on;
    play.textContent = on ? "Pause" : "Play";
    // Later steps change less, so they go faster. Only one request is under way at a time.
    if (on && !waiting) send({ steps: Math.min(10, Math.max(1, Math.floor(model.get("step") / 10))) });
  }
  function show() {
    const all = new Float32Array(bytes(model.get("weights")).slice().buffer), biases = model.get("biases");
    const scores = (pixels) => biases.map((bias, digit) =>
      pixels.reduce((sum, value, at) => sum + value * all[784 * digit + at], bias));
    const limit = all.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1, step = model.get("step");
    const ofChosen = scores(own[chosen]), best = largest(ofChosen);
    tiles.forEach(({ root, canvas, score, bar }, digit) => {
      paint(canvas, all.subarray(784 * digit, 784 * digit + 784), (value) => signed(value, limit));
      score.textContent = step ? written(ofChosen[digit]).replace("-", "−") : "";
      bar.style.width = `${100 * Math.max(0, Math.min(1, ofChosen[digit]))}%`;
      root.classList.toggle("is-best", step > 0 && digit === best);
    });
    const right = own.map((pixels, at) => largest(scores(pixels)) === labels[at]);
    [...mine.children].forEach((label, at) => { label.className = step ? (right[at] ? "is-right" : "is-wrong") : ""; });
    mine.children[chosen].firstChild.checked = rate.children[rates.indexOf(model.get("rate"))].firstChild.checked = true;
    const note = `Orange is negative, blue positive, up to ±${limit.toPrecision(2)}. Below each: the chosen digit's score.`;
    scale.textContent = step ? note : "All weights are 0.";
    const count = `${right.filter(Boolean).length} of these ${own.length} digits are classified correctly (✓).`;
    tally.textContent = step ? count : "Choose a digit to see its ten scores.";
    status.textContent = model.get("message") || `Step ${step}: loss ${written(losses().at(-1)[1])}`;
    status.classList.toggle("is-error", model.get("message") !== "");
    drawPlot();
  }
  // Lines in a picture that stretches; words beside it, which must not.
  function drawPlot() {
    const curves = model.get("curves"), first = curves.find((curve) => curve.length)[0][1];
    const most = Math.max(20, ...curves.map((curve) => curve.at(-1)?.[0] ?? 0)), top = 1.15 * first;
    const lines = curves.map((curve, at) => {
      const points = curve.map(([step, loss]) => `${(100 * step) / most},${100 - (100 * Math.min(loss, 1000 * top)) / top}`);
      return `<polyline class="rate-${at}" points="${points.join(" ")}"/>`;
    });
    plot.innerHTML = `<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">${lines.join("")}</svg>`;
    curves.forEach((curve, at) => {
      if (curve.length < 2) return;
      const loss = curve.at(-1)[1], name = element("span", `rate-${at}`, `${rates[at]}: ${written(loss)}`);
      const [step, height] = (loss > top && curve.find((point) => point[1] > top)) || curve.at(-1); // where it leaves
      name.style.left = `${(100 * step) / most}%`;
      name.style.top = `${Math.max(4, 100 - (100 * height) / top)}%`;
      plot.append(name);
    });
    plot.append(element("em", "is-top", "loss"), element("em", "is-first", "0"), element("em", "is-last", `${most} steps`));
  }
  function update() {
    waiting = clearTimeout(waiting); // undefined
    if (model.get("message") || losses().at(-1)[1] > TOO_HIGH * losses()[0][1]) turn(false);
    show();
    if (playing) requestAnimationFrame(() => playing && turn(true));
  }
  // A change of several values is one message, and one update.
  const onChange = () => { due ??= setTimeout(() => { due = null; update(); }); };
  model.on("change", onChange);
  show();
  return () => { turn(false); clearTimeout(waiting); model.off("change", onChange); };
}

export default { render };
