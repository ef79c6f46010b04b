// Draws a guess (see guess.py): the question, a range slider or choices, and Lock in. On the card that reveals the
// truth, the same scale or choices show the guess and the truth. What isn't locked in yet is known to the page alone.

function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function render({ model, el }) {
  let draft = []; // what Lock in would send: two numbers, one choice, or nothing

  const send = (message) => {
    el.querySelector("[role=status]").textContent = "Waiting for the kernel …"; // which may be busy
    model.send(message);
  };

  const show = () => {
    const focused = el.contains(document.activeElement);
    const open = !model.get("truth") && !model.get("guess").length;
    const lock = button("Lock in", () => send({ lock: draft }));
    const hint = open ? (model.get("choices").length ? "Choose one." : "Drag both ends, or use the arrow keys.") : "";
    const status = element("span", "guess-status", model.get("message") || hint);
    status.setAttribute("role", "status");
    const onDraft = (answer) => {
      draft = answer;
      lock.disabled = false;
      status.textContent = "";
    };
    lock.disabled = true;
    const body = model.get("choices").length ? choices(model, open && onDraft) : scale(model, open && onDraft);
    const actions = element("div", "guess-actions");
    if (open) actions.append(lock);
    else if (!model.get("truth")) {
      actions.append(element("span", "guess-locked", "✓ Locked in"));
      if (!model.get("final")) actions.append(button("Guess again", () => send({ again: true }), "is-quiet"));
    }
    actions.append(status);
    el.replaceChildren(element("p", "guess-question", model.get("question")), ...body, actions);
    if (focused) el.querySelector("input, button:enabled")?.focus({ preventScroll: true });
  };

  el.classList.add("guess");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", model.get("question"));
  el.addEventListener("keydown", keepKeys);
  model.on("change", show);
  show();
  return () => model.off("change", show);
}

function button(name, onClick, className = "") {
  const made = element("button", className, name);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

// JupyterLab has its own use for these keys, but not together with Shift or Ctrl: Shift+Enter still runs the next cell.
function keepKeys(event) {
  const ours = event.key.startsWith("Arrow") || ["Home", "End", "PageUp", "PageDown", "Enter", " "].includes(event.key);
  if (ours && !event.shiftKey && !event.ctrlKey && !event.metaKey) event.stopPropagation();
}

// A number: a range on a scale, in words and as a band. With `onDraft` its two ends can be moved. Two sliders, one on
// top of the other, are there for the keyboard and for screen readers; the pointer moves whichever end is nearer.

function scale(model, onDraft) {
  const [low, high, step, decimals] = ["low", "high", "step", "decimals"].map((name) => model.get(name));
  const truth = model.get("truth");
  const sentence = element("p", "guess-sentence");
  const band = element("div", "guess-band");
  const track = element("div", "guess-track", band);
  const ends = element("div", "guess-ends", ...model.get("ends").map((end) => element("span", "", end)));
  let range = model.get("guess").length ? model.get("guess") : onDraft ? [low, high] : null;
  const sliders = onDraft ? range.map(slider) : [];

  const places = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const written = (value) => value.toLocaleString("en-US", places).replace("-", "−");

  function show() {
    const [first, last] = range.map(written);
    const unit = model.get("unit");
    const parts = first === last ? [] : ["between ", element("b", "", first), " and "];
    sentence.replaceChildren("I'm 80 % sure it's ", ...parts, element("b", "", last), `${unit}.`);
    range.forEach((value, end) => {
      band.style.setProperty(["--from", "--to"][end], (value - low) / (high - low));
      if (sliders[end]) sliders[end].value = value;
      sliders[end]?.setAttribute("aria-valuetext", written(value) + unit);
    });
  }

  function move(changed) {
    range = changed.map((value) => Number(value.toFixed(decimals)));
    show();
    onDraft(range);
  }

  function slider(value, end) {
    const made = element("input");
    Object.assign(made, { type: "range", min: low, max: high, step, value });
    made.setAttribute("aria-label", end ? "At most" : "At least");
    made.dataset.lmSuppressShortcuts = "true"; // JupyterLab 3 takes the arrow keys before anything on the page
    made.addEventListener("input", () => {
      const other = range[1 - end]; // an end stops at the other one
      move(end ? [other, Math.max(other, made.valueAsNumber)] : [Math.min(other, made.valueAsNumber), other]);
    });
    return made;
  }

  function drag(event) {
    if (event.button !== 0) return;
    const valueAt = ({ clientX }) => {
      const { left, width } = track.getBoundingClientRect();
      const steps = Math.round((((clientX - left) / width) * (high - low)) / step);
      return Math.min(high, Math.max(low, low + steps * step));
    };
    const follow = (now) => move([valueAt(now), fixed].sort((a, b) => a - b));
    const [toFirst, toLast] = range.map((value) => Math.abs(valueAt(event) - value));
    const end = toFirst < toLast || (toFirst === toLast && valueAt(event) < range[0]) ? 0 : 1;
    const fixed = range[1 - end]; // the moving end may pass it
    event.preventDefault();
    sliders[end].focus({ preventScroll: true });
    area.setPointerCapture(event.pointerId);
    area.onpointermove = follow;
    area.onpointerup = area.onpointercancel = () => { area.onpointermove = null; };
    follow(event);
  }

  track.append(...sliders);
  const area = element("div", onDraft ? "guess-area is-open" : "guess-area", track);
  if (onDraft) area.addEventListener("pointerdown", drag);
  if (range) show();
  else band.remove();
  if (truth) {
    sentence.replaceChildren(model.get("sentence"));
    const mark = element("div", "guess-truth", element("b", "", truth));
    mark.style.setProperty("--at", (model.get("place") - low) / (high - low));
    track.append(mark);
    area.setAttribute("aria-hidden", "true"); // the sentence says it all
  }
  return truth ? [area, ends, sentence] : [sentence, area, ends];
}

// One of several choices: radio buttons, or once there is a guess or the truth, a list that marks them.

function choices(model, onDraft) {
  const [guess, truth] = [model.get("guess")[0], model.get("truth")];
  const group = `guess-${Math.random()}`;
  const options = model.get("choices").map((choice) => {
    const option = element(onDraft ? "label" : "li", "guess-choice");
    if (onDraft) {
      const radio = element("input");
      Object.assign(radio, { type: "radio", name: group, value: choice });
      radio.dataset.lmSuppressShortcuts = "true";
      radio.addEventListener("change", () => onDraft([choice]));
      option.append(radio);
    }
    option.append(element("span", "", choice));
    option.classList.toggle("is-guess", choice === guess);
    option.classList.toggle("is-truth", choice === truth);
    if (choice === guess) option.append(element("small", "", "your guess"));
    if (choice === truth) option.prepend(element("span", "guess-tick", "✓"));
    return option;
  });
  const list = element(onDraft ? "div" : "ul", "guess-choices", ...options);
  if (onDraft) list.setAttribute("role", "radiogroup");
  list.setAttribute("aria-label", onDraft ? model.get("question") : "Choices");
  return truth ? [list, element("p", "guess-sentence", model.get("sentence"))] : [list];
}

export default { render };
