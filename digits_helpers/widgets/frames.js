// Frames to play, to step through, and to drag through. All of them are here from the start: nothing asks the kernel.

const ICONS = {
  play: "M7 4.5v15l13-7.5z",
  pause: "M6 4.5h4.5v15H6zM13.5 4.5H18v15h-4.5z",
  back: "M16 5v14L6 12z",
  forward: "M8 5v14l10-7z",
};

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function draw(button, name) {
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
}

function makeButton(className, name, label) {
  const button = make("button", className);
  button.type = "button";
  button.setAttribute("aria-label", label);
  draw(button, name);
  return button;
}

// A picture for each frame. A browser keeps the small file, and decodes it when it's about to be shown.
function readPictures(model) {
  return model.get("images").map((bytes) => {
    const picture = make("img", "frames-picture");
    picture.style.aspectRatio = `${model.get("width")} / ${model.get("height")}`;
    picture.style.width = `${model.get("width")}px`;
    picture.classList.toggle("is-crisp", model.get("crisp"));
    picture.draggable = false;
    picture.src = URL.createObjectURL(new Blob([bytes], { type: "image/webp" }));
    return picture;
  });
}

function render({ model, el }) {
  const pictures = readPictures(model), captions = model.get("captions");
  const last = pictures.length - 1;
  let current = 0, timer = null;

  const stage = make("div", "frames-stage", pictures[0]);
  const text = make("span", ""), caption = make("p", "frames-caption", text);
  // It keeps the room that the longest caption needs, so that nothing below it jumps.
  caption.dataset.longest = captions.reduce((longest, one) => (one.length > longest.length ? one : longest), "");
  caption.hidden = !captions.length;
  const playing = makeButton("frames-play", "play", "Play");
  const back = makeButton("frames-step", "back", "Step back");
  const forward = makeButton("frames-step", "forward", "Step forward");
  const slider = make("input", "frames-slider");
  Object.assign(slider, { type: "range", min: 0, max: last, value: 0 });
  slider.setAttribute("aria-label", "Frame");
  const counter = make("span", "frames-counter");
  counter.style.minWidth = `${`${last + 1} of ${last + 1}`.length}ch`;

  const root = make("div", "frames", stage, caption,
    make("div", "frames-controls", make("div", "frames-buttons", back, playing, forward),
      make("div", "frames-along", slider, counter)));
  root.style.setProperty("--frames-width", `${model.get("width")}px`);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `Animation with ${pictures.length} frames`);
  // JupyterLab would take the arrow keys as its own, to go to the next cell.
  for (const name of ["lmSuppressShortcuts", "pSuppressShortcuts"]) root.dataset[name] = "true";
  el.append(root);

  async function show(frame) {
    current = Math.max(0, Math.min(last, frame));
    const place = `${current + 1} of ${last + 1}`, picture = pictures[current];
    slider.value = current;
    slider.style.setProperty("--share", last ? current / last : 1);
    text.textContent = captions[current] ?? "";
    slider.setAttribute("aria-valuetext", captions.length ? `${captions[current]}, ${place}` : place);
    counter.textContent = place;
    back.disabled = current === 0;
    forward.disabled = current === last;
    picture.alt = captions[current] || `Frame ${place}`;
    await picture.decode(); // or there would be an empty moment between two frames
    if (picture === pictures[current]) stage.replaceChildren(picture); // and not another, asked for in the meantime
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    draw(playing, "play");
    playing.setAttribute("aria-label", "Play");
  }

  function play() {
    if (current === last) show(0);
    timer = setInterval(() => {
      show(current + 1);
      if (current === last) stop();
    }, model.get("pause"));
    draw(playing, "pause");
    playing.setAttribute("aria-label", "Pause");
  }

  const toggle = () => (timer === null ? play() : stop());

  function goTo(frame) {
    stop();
    show(frame);
  }

  function onKey(event) {
    const ways = {
      ArrowLeft: () => goTo(current - 1), ArrowDown: () => goTo(current - 1),
      ArrowRight: () => goTo(current + 1), ArrowUp: () => goTo(current + 1),
      Home: () => goTo(0), End: () => goTo(last),
    };
    if (!event.target.matches("button")) ways[" "] = toggle; // a button that has the focus is pressed instead
    if (!(event.key in ways) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    ways[event.key]();
  }

  root.addEventListener("keydown", onKey);
  back.addEventListener("click", () => goTo(current - 1));
  forward.addEventListener("click", () => goTo(current + 1));
  playing.addEventListener("click", toggle);
  slider.addEventListener("input", () => goTo(Number(slider.value)));
  stage.addEventListener("click", () => {
    slider.focus({ preventScroll: true }); // so that the keys work from here on
    toggle();
  });
  show(0);

  return () => {
    stop();
    for (const { src } of pictures) URL.revokeObjectURL(src);
  };
}

export default { render };
