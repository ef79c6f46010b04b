// The sheet of twenty digits: a thumbnail for each, a button to download the file, and one to bring it back.
//
// Python sends the strokes and says which digit is on the canvas. The page draws them, and tells Python which one is
// chosen. A file can also be dropped anywhere on the pad, and Enter or space on the canvas is the same as Next.

const SIDE = 280; // pixels of the canvas
const BRUSH = 18;
const SVG = "http://www.w3.org/2000/svg";

export default {
  render({ model, el }) {
    const thumbnails = createThumbnails(model);
    const files = createFileButtons(model);
    el.classList.add("twenty-sheet");
    el.append(thumbnails.element, files.element);

    const listeners = {
      "change:thumbnails": thumbnails.show,
      "change:place": thumbnails.show,
      "msg:custom": files.receive,
    };
    for (const [event, handle] of Object.entries(listeners)) model.on(event, handle);

    // The views of a box are built one by one: the pad around this one need not be there yet.
    const leaving = new AbortController();
    let waiting = requestAnimationFrame(function find() {
      const pad = el.closest(".twenty-digits");
      if (pad) listenOn(pad, model, thumbnails, leaving.signal);
      else waiting = requestAnimationFrame(find);
    });

    return () => {
      cancelAnimationFrame(waiting);
      leaving.abort();
      for (const [event, handle] of Object.entries(listeners)) model.off(event, handle);
    };
  },
};

// The thumbnails are one stop for the Tab key; the arrow keys go from one to the next.
function createThumbnails(model) {
  const element = create("div", { className: "twenty-thumbnails" });
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Your twenty digits");
  const buttons = model.get("thumbnails").map((_, place) => {
    const button = create("button", { type: "button" });
    button.addEventListener("click", () => model.send({ open: place }));
    return button;
  });
  element.append(...buttons);

  element.addEventListener("focusin", ({ target }) => {
    for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
  });

  const show = () => {
    model.get("thumbnails").forEach((strokes, place) => {
      const button = buttons[place];
      const digit = place % 10;
      const here = place === model.get("place");
      button.replaceChildren(strokes.length ? drawing(strokes) : create("span", { textContent: digit }));
      const state = strokes.length ? "drawn" : "not drawn yet";
      button.setAttribute("aria-label", `${place < 10 ? "First" : "Second"} ${digit}, ${state}`);
      button.setAttribute("aria-current", here);
      button.classList.toggle("is-drawn", strokes.length > 0);
      if (!element.contains(document.activeElement)) button.tabIndex = here ? 0 : -1;
    });
  };
  show();

  const move = (key) => {
    const columns = buttons.filter((button) => button.offsetTop === buttons[0].offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
    return step !== undefined;
  };
  return { element, show, move };
}

function drawing(strokes) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("stroke-width", BRUSH);
  // From its first point to all of them: a stroke of one point is a dot.
  path.setAttribute("d", strokes.map((points) => `M${points.slice(0, 2)}L${points}`).join(""));
  svg.append(path);
  return svg;
}

function createFileButtons(model) {
  const name = model.get("file_name");
  const download = create("button", { type: "button", className: "twenty-file", textContent: "Download" });
  const choose = create("button", { type: "button", className: "twenty-file", textContent: "Bring back a file" });
  const input = create("input", { type: "file", accept: ".json", hidden: true });
  const about = create("p", {
    textContent: `On Colab or Binder, files vanish with the machine. Download yours, and later drop ${name} here.`,
  });
  const element = create("div", { className: "twenty-files" });
  element.append(download, choose, input, about);

  let asked = false; // by this view: the answer goes to all
  download.addEventListener("click", () => {
    asked = true;
    model.send({ download: true });
  });
  choose.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    sendFile(model, input.files);
    input.value = ""; // so that choosing the same file again is a change
  });

  const receive = ({ file }) => {
    if (!asked) return;
    asked = false;
    const href = URL.createObjectURL(new Blob([file], { type: "application/json" }));
    create("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000); // some browsers read it later
  };
  return { element, receive };
}

function listenOn(pad, model, thumbnails, signal) {
  const listen = (event, handler) => pad.addEventListener(event, handler, { capture: true, signal });
  pad.dataset.hint = `Drop ${model.get("file_name")} to bring your digits back`;

  const handleKey = ({ target, key, repeat }) => {
    if (thumbnails.element.contains(target)) return thumbnails.move(key);
    if (target.tagName !== "CANVAS" || !["Enter", " "].includes(key)) return false;
    if (!repeat) model.send({ next: true });
    return true;
  };
  // The window's turn comes before the document's, where JupyterLab takes these keys for its own commands.
  const onKey = (event) => {
    const modified = event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
    if (pad.contains(event.target) && !modified && handleKey(event)) claim(event);
  };
  window.addEventListener("keydown", onKey, { capture: true, signal });

  const isFile = (event) => event.dataTransfer?.types.includes("Files");
  const showDropping = (shown) => pad.classList.toggle("is-dropping", shown);
  listen("dragover", (event) => {
    if (!isFile(event)) return;
    claim(event); // or the browser would open the file in the page's place
    event.dataTransfer.dropEffect = "copy";
    showDropping(true);
  });
  listen("dragleave", (event) => !pad.contains(event.relatedTarget) && showDropping(false));
  listen("drop", (event) => {
    showDropping(false);
    if (!isFile(event)) return;
    claim(event);
    sendFile(model, event.dataTransfer.files);
  });
}

function claim(event) {
  event.preventDefault();
  event.stopPropagation();
}

// A server drops the connection at too large a message, and Python would never hear of it.
async function sendFile(model, [file]) {
  if (!file) return;
  const limit = model.get("max_bytes");
  if (file.size > limit) model.send({ error: `${file.name} is larger than ${limit / 1e6} MB, so it's another file.` });
  else model.send({ name: file.name }, undefined, [await file.arrayBuffer()]);
}

function create(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
